import type { JSX } from "preact";
import { Link } from "wouter-preact";
import type { AmountStyle, Minor } from "@/amounts";
import { amountText, assets, isTier } from "@/assets";
import { useNow } from "@/clock";
import { formatAgo, formatCountdown, formatDateTime, formatPreciseTime, has, t } from "@/i18n";
import { accountName, nameOf, person, personOf } from "@/people";
import { me } from "@/session";

/** An amount with its asset. The whole amount is in its title where it is shown in short. */
export function Amount({ value, asset, style, bare }: { value: Minor; asset: string; style?: AmountStyle; bare?: boolean }): JSX.Element {
  return (
    <span class="amount" title={`${amountText(value, asset)} ${asset}`}>
      {amountText(value, asset, style)}
      {!bare && <span class="amount-asset">{isTier(asset) ? assetName(asset) : asset}</span>}
    </span>
  );
}

/** The name of an asset: of tiers in the page's language, of others as the ledger has it. */
export function assetName(code: string): string {
  const id = `tier-${code.toLowerCase()}`;
  if (isTier(code) && has(id)) return t(id);
  return assets.value.get(code)?.name ?? code;
}

/** A tier, with its colour; for other assets just the code. */
export function TierBadge({ tier }: { tier: string }): JSX.Element {
  return (
    <span class={`badge ${isTier(tier) ? "badge-tier" : ""}`} data-tier={isTier(tier) ? tier : undefined}>
      {assetName(tier)}
    </span>
  );
}

/** A moment: how long ago, and exactly when in its title. `full` writes it out. */
export function Time({ at, full }: { at: string | undefined; full?: boolean }): JSX.Element | null {
  const now = useNow(30_000);
  if (!at) return null;
  const time = new Date(at);
  return (
    <time dateTime={at} title={formatPreciseTime(time)}>
      {full ? formatDateTime(time) : formatAgo(time, Math.max(now, Date.now()))}
    </time>
  );
}

/** What is left until a moment, counted down; calls nothing, and shows 0:00 when it is over. */
export function Countdown({ to }: { to: string | undefined }): JSX.Element | null {
  useNow(1000);
  if (!to) return null;
  return <time class="mono" dateTime={to} role="timer">{formatCountdown((new Date(to).getTime() - Date.now()) / 1000)}</time>;
}

/** A person's name, which leads to the person's page. */
export function PersonName({ personId, plain }: { personId: string | undefined; plain?: boolean }): JSX.Element {
  if (!personId) return <span>—</span>;
  const name = personId === me.value?.personId ? t("person-you") : nameOf(person(personId).value, personId);
  return plain ? <span class="person">{name}</span> : <Link href={`/people/${personId}`} className="person">{name}</Link>;
}

/** Whom an account belongs to; leads to the person, or to the account in the explorer. */
export function AccountName({ address, plain }: { address: string | undefined; plain?: boolean }): JSX.Element {
  if (!address) return <span>—</span>;
  const personId = personOf(address);
  if (personId) return <PersonName personId={personId} plain={plain ?? false} />;
  const name = accountName(address);
  return plain ? <span>{name}</span> : <Link href={`/explorer/accounts/${address}`}>{name}</Link>;
}

/** An identifier in full, shortened for the eye, copied by a press. */
export function Identifier({ value, shown = 8 }: { value: string | undefined; shown?: number }): JSX.Element | null {
  if (!value) return null;
  return <code class="identifier" title={value}>{value.length > shown + 2 ? `${value.slice(0, shown)}…` : value}</code>;
}
