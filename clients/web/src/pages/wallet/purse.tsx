import type { JSX } from "preact";
import { minorOf } from "@/amounts";
import { amountText, inOrder } from "@/assets";
import { useBalances } from "@/balances";
import { Amount, Loaded, TierBadge } from "@/components";
import { t } from "@/i18n";

/** What there is of every asset, as a row of stubs. */
export function Purse(): JSX.Element {
  const balances = useBalances();
  return (
    <Loaded resource={balances} lines={2}>
      {(found) => {
        const codes = inOrder(found.keys()).filter((code) => code === "BRONZE" || minorOf(found.get(code)?.posted) > 0n);
        return (
          <ul class="purse" aria-label={t("wallet-balances")} tabIndex={0}>
            {(codes.length ? codes : ["BRONZE"]).map((code) => (
              <li key={code} class="purse-stub" data-tier={code}>
                <TierBadge tier={code} />
                <strong><Amount value={found.get(code)?.available} asset={code} bare /></strong>
                {minorOf(found.get(code)?.held) > 0n && <small>{t("home-held", { amount: amountText(found.get(code)?.held, code) })}</small>}
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}
