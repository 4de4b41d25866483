import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { formatAmount, minorOf } from "@/amounts";
import { amountText, bronzeOf, inOrder, isTier, TIERS } from "@/assets";
import { useBalances, type BalanceByAsset } from "@/balances";
import { Amount, assetName, ButtonLink, Card, Loaded } from "@/components";
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

function Ladder({ balances }: { balances: BalanceByAsset }): JSX.Element {
  const highest = TIERS.findLastIndex((tier) => minorOf(balances.get(tier)?.posted) > 0n);
  return (
    <ol class="ladder" reversed>
      {[...TIERS].reverse().map((tier) => {
        const balance = balances.get(tier);
        const held = minorOf(balance?.held);
        const rung = TIERS.indexOf(tier);
        return (
          <li key={tier} data-tier={tier} class={rung > highest ? "rung rung-above" : "rung"}>
            <Link href={tier === "DIAMOND" ? "/leaderboards/wealth" : `/queues#${tier}`} className="rung-name">{assetName(tier)}</Link>
            <span class="rung-amount">
              {amountText(balance?.posted, tier)}
              {held > 0n && <small>{t("home-held", { amount: amountText(held, tier) })}</small>}
            </span>
          </li>
        );
      })}
    </ol>
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
