import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { inOrder, isTier } from "@/assets";
import { AmountField, assetName, Field, readAmount, RecipientField, Select, useRecipient, type Found } from "@/components";
import { availableOf, useBalances } from "@/balances";
import { t } from "@/i18n";
import { minorOf } from "@/amounts";

/** What an address can bring along: `/pay/alice?amount=5k&asset=GOLD&memo=pizza`, or `minor=125` in place of an amount. */
export interface First {
  handle: string;
  amount: string;
  asset: string;
  memo: string;
}

export interface PaymentForm {
  found: Found;
  asset: string;
  /** Undefined while no amount can be read. */
  amount: bigint | undefined;
  memo: string;
  /** What there is to spend of the asset; undefined until it is known. */
  available: bigint | undefined;
  clear: () => void;
  fields: JSX.Element;
}

const MOST_MEMO = 256;

/** Whom, how much of what, and for what. `spending` looks at what there is. */
export function usePaymentForm(first: First, who: string, spending: boolean): PaymentForm {
  const [handle, setHandle] = useState(first.handle);
  const [typed, setTyped] = useState(first.amount);
  const [asset, setAsset] = useState(first.asset);
  const [memo, setMemo] = useState(first.memo.slice(0, MOST_MEMO));
  const balances = useBalances();
  const found = useRecipient(handle);
  const parsed = readAmount(typed, asset);
  const mine = inOrder(balances.data?.keys() ?? []).filter((code) => isTier(code) || minorOf(balances.data?.get(code)?.posted) > 0n);
  const codes = inOrder(new Set(["BRONZE", asset, ...mine]));
  const available = balances.data && availableOf(balances.data, asset);
  return {
    found,
    asset,
    amount: "minor" in parsed ? parsed.minor : undefined,
    memo: memo.trim(),
    available,
    clear: () => {
      setTyped("");
      setMemo("");
    },
    fields: (
      <>
        <RecipientField label={who} value={handle} onInput={setHandle} found={found} autoFocus={!first.handle} />
        <div class="pay-amount">
          <AmountField label={t("pay-amount")} asset={asset} value={typed} onInput={setTyped} {...(spending ? { available } : {})} />
          <Select label={t("pay-asset")} value={asset} onChange={setAsset} options={codes.map((code) => ({ value: code, label: assetName(code) }))} />
        </div>
        <Field label={t("pay-memo")} value={memo} onInput={setMemo} maxLength={MOST_MEMO} hint={t("pay-memo-hint")} />
      </>
    ),
  };
}
