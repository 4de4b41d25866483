import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { formatAmount, minorOf } from "@/amounts";
import { amountText, bronzeOf, inOrder, isTier, TIERS, type Tier } from "@/assets";
import { useBalances, type BalanceByAsset } from "@/balances";
import { Amount, assetName, ButtonLink, Card, Loaded, TierBadge } from "@/components";
import type { BalanceJson } from "@/contracts/ticketonomics/ledger/v1/account_pb";
import { t } from "@/i18n";

/** What I have: the ladder of tiers, the highest on top, and the rest below it. */
export function Balances(): JSX.Element {
  const balances = useBalances();
  return (
    <Card ticket title={t("home-tickets")} actions={<small>{t("home-ladder-rule")}</small>}>
      <Loaded resource={balances} lines={8}>
        {(found) => (
          <>
            <p class="worth">
              <span class="worth-number">{formatAmount(worthOf(found), 2)}</span>
              <span class="soft">{t("home-worth")}</span>
            </p>
            <Ladder balances={found} />
            <Others balances={found} />
            <div class="row home-acts">
              <ButtonLink href="/pay" kind="primary">{t("home-pay")}</ButtonLink>
              <ButtonLink href="/market">{t("home-swap")}</ButtonLink>
              <ButtonLink href="/queues">{t("home-queue")}</ButtonLink>
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}

/** What there is, and the next rung; what is further up takes one line. */
function Ladder({ balances }: { balances: BalanceByAsset }): JSX.Element {
  const highest = TIERS.findLastIndex((tier) => minorOf(balances.get(tier)?.posted) > 0n);
  const next = Math.max(0, highest) + 1;
  const beyond = TIERS.slice(next + 1);
  return (
    <>
      {beyond.length > 0 && (
        <p class="beyond">
          <span class="soft">{t("home-beyond")}</span>
          {beyond.map((tier) => <TierBadge key={tier} tier={tier} />)}
        </p>
      )}
      <ol class="ladder" reversed>
        {TIERS.slice(0, next + 1).toReversed().map((tier) => <Rung key={tier} tier={tier} balance={balances.get(tier)} above={TIERS.indexOf(tier) > highest} />)}
      </ol>
    </>
  );
}

function Rung({ tier, balance, above }: { tier: Tier; balance: BalanceJson | undefined; above: boolean }): JSX.Element {
  const held = minorOf(balance?.held);
  return (
    <li data-tier={tier} class={above ? "rung rung-above" : "rung"}>
      <Link href={tier === "DIAMOND" ? "/leaderboards/wealth" : "/queues"} className="rung-name">{assetName(tier)}</Link>
      <span class="rung-amount">
        {amountText(balance?.posted, tier)}
        {held > 0n && <small>{t("home-held", { amount: amountText(held, tier) })}</small>}
      </span>
    </li>
  );
}

function Others({ balances }: { balances: BalanceByAsset }): JSX.Element | null {
  const codes = inOrder(balances.keys()).filter((code) => !isTier(code) && minorOf(balances.get(code)?.posted) > 0n);
  if (!codes.length) return null;
  return (
    <details class="others">
      <summary>{t("home-others", { count: codes.length })}</summary>
      <ul class="list">
        {codes.map((code) => (
          <li key={code} class="between others-line">
            <span>{assetName(code)}</span>
            <Amount value={balances.get(code)?.posted} asset={code} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** All tickets, each as many Bronze as it is worth, in minor units of Bronze. */
function worthOf(balances: BalanceByAsset): bigint {
  return TIERS.reduce((sum, tier) => sum + minorOf(balances.get(tier)?.posted) * bronzeOf(tier), 0n);
}
