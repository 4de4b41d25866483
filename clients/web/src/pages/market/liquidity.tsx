import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { editableAmount, minorOf } from "@/amounts";
import { path, post } from "@/api";
import { decimalsOf } from "@/assets";
import { Amount, AmountField, assetName, Button, ButtonLink, Card, Choice, EmptyState, Facts, IntentionSheet, Loaded, readAmount } from "@/components";
import type { AddLiquidityResponseJson, RemoveLiquidityResponseJson } from "@/contracts/ticketonomics/amm/v1/amm_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { useUnresolved } from "@/repeatable";
import { app, myAccount, signedIn } from "@/session";
import { useAvailable, usePositions } from "./reading";
import { trading } from "./settings";
import { bpsText } from "./showing";
import { isEmpty, isPaused, leastOf, linkedAmount, partOf, planAdding, planRemoving, shareBps, worthInQuote, type LiquidityPlan } from "./trading";
import type { PoolEventJson, PoolJson, PositionJson } from "./types";

interface Change {
  poolId: string;
  plan: LiquidityPlan;
  slippageBps: number;
}

/** At most so much of both; `side` is the one that was typed. */
interface Addition extends Change {
  side: "base" | "quote";
  base: bigint;
  quote: bigint;
}

function leastAmounts({ plan, slippageBps }: Change) {
  return { minimumBaseAmount: leastOf(plan.base, slippageBps), minimumQuoteAmount: leastOf(plan.quote, slippageBps) };
}

/** My part of a pool, and how to have more or less of it. */
export function LiquidityCard({ pool }: { pool: PoolJson }): JSX.Element {
  const positions = usePositions(myAccount.value);
  const [mode, setMode] = useState<"add" | "remove">("add");
  if (!signedIn.value)
    return (
      <Card title={t("market-liquidity")}>
        <p class="soft">{t("market-liquidity-hint")}</p>
        <ButtonLink href="/profile" kind="primary" size="wide">{t("market-sign-in-liquidity")}</ButtonLink>
      </Card>
    );
  return (
    <Card title={t("market-liquidity")}>
      <p class="soft">{t("market-liquidity-hint")}</p>
      <Loaded resource={positions}>
        {(all) => {
          const position = all.find(({ poolId }) => poolId === pool.poolId);
          return (
            <>
              {position && <MyPosition pool={pool} position={position} />}
              <Choice
                label={t("market-liquidity")}
                value={mode}
                onChange={setMode}
                options={[
                  { value: "add", label: t("market-add") },
                  { value: "remove", label: t("market-remove") },
                ]}
              />
              {mode === "add" ? <Adding pool={pool} /> : <Removing pool={pool} position={position} />}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function MyPosition({ pool, position }: { pool: PoolJson; position: PositionJson }): JSX.Element {
  const [base, quote] = [minorOf(position.baseAmount), minorOf(position.quoteAmount)];
  return (
    <div class="position">
      <Facts
        facts={[
          [t("market-my-share"), bpsText(shareBps(minorOf(position.shares), minorOf(position.shareSupply)))],
          [t("market-my-part"), <Both pool={pool} base={base} quote={quote} />],
          [t("market-my-worth"), <Amount value={worthInQuote(pool, base, quote)} asset={pool.quoteAsset ?? ""} />],
        ]}
      />
    </div>
  );
}

function Both({ pool, base, quote }: { pool: PoolJson; base: bigint; quote: bigint }): JSX.Element {
  return (
    <span>
      <Amount value={base} asset={pool.baseAsset ?? ""} /> + <Amount value={quote} asset={pool.quoteAsset ?? ""} />
    </span>
  );
}

function Adding({ pool }: { pool: PoolJson }): JSX.Element {
  const [base, quote] = [pool.baseAsset ?? "", pool.quoteAsset ?? ""];
  const [side, setSide] = useState<"base" | "quote">("base");
  const [typed, setTyped] = useState("");
  const parsed = readAmount(typed, side === "base" ? base : quote);
  const amount = "minor" in parsed ? parsed.minor : 0n;
  const linked = linkedAmount(pool, side, amount);
  const [baseAmount, quoteAmount] = side === "base" ? [amount, linked] : [linked, amount];
  const plan = planAdding(pool, baseAmount, quoteAmount);
  const myBase = useAvailable(myAccount.value, base).data;
  const myQuote = useAvailable(myAccount.value, quote).data;
  const enough = myBase !== undefined && myQuote !== undefined && baseAmount <= myBase && quoteAmount <= myQuote;
  const unresolved = useUnresolved<Addition>((one, other) => one[one.side] === other[one.side] && one.side === other.side);
  const intention = useIntention<Addition, PoolEventJson>({
    perform: async (change, requestId) => {
      const body = {
        requestId,
        account: myAccount.value,
        baseAmount: change.base,
        quoteAmount: change.quote,
        ...leastAmounts(change),
      };
      const send = () => post<AddLiquidityResponseJson>(path`/v1/pools/${change.poolId}:addLiquidity`, body, { requestId });
      return (await unresolved.watch(change, send)).event ?? {};
    },
    onDone: () => setTyped(""),
  });
  const shown = (of: "base" | "quote"): string => {
    if (of === side) return typed;
    return amount > 0n ? editableAmount(linked, decimalsOf(of === "base" ? base : quote)) : "";
  };
  const typeInto = (of: "base" | "quote") => (value: string): void => {
    setSide(of);
    setTyped(value);
  };
  if (isPaused(pool) || isEmpty(pool)) return <p class="soft">{t(isPaused(pool) ? "market-paused-add-hint" : "market-pool-empty-hint")}</p>;
  return (
    <>
      <AmountField label={assetName(base)} asset={base} value={shown("base")} onInput={typeInto("base")} available={myBase} />
      <AmountField label={assetName(quote)} asset={quote} value={shown("quote")} onInput={typeInto("quote")} available={myQuote} hint={t("market-linked-hint")} />
      {plan.shares > 0n && (
        <Facts
          facts={[
            [t("market-shares-received"), <Amount value={plan.shares} asset={pool.shareAsset ?? ""} />],
            [t("market-share-of-pool"), bpsText(shareBps(plan.shares, minorOf(pool.shareSupply) + plan.shares))],
          ]}
        />
      )}
      {amount > 0n && plan.shares === 0n && <p class="field-note">{t("market-too-little")}</p>}
      <Button kind="primary" size="wide" disabled={plan.shares === 0n || !enough || app.value.maintenance === true} onClick={() => intention.ask(unresolved.of({ poolId: pool.poolId ?? "", plan, side, base: baseAmount, quote: quoteAmount, slippageBps: trading.value.slippageBps }))}>
        {t("market-add-review")}
      </Button>
      <IntentionSheet
        intention={intention}
        title={t("market-add-title")}
        confirm={t("market-add-confirm")}
        doneTitle={t("market-add-done")}
        preview={({ plan: agreed, slippageBps }) => (
          <Planned give={<Both pool={pool} base={agreed.base} quote={agreed.quote} />} get={<Amount value={agreed.shares} asset={pool.shareAsset ?? ""} />}>
            <p class="fine">{t("market-liquidity-promise", { percent: bpsText(slippageBps) })}</p>
          </Planned>
        )}
        outcome={(event) => <Event pool={pool} event={event} text={t("market-added-outcome")} />}
      />
    </>
  );
}

const QUARTERS = ["25", "50", "75", "100"] as const;

function Removing({ pool, position }: { pool: PoolJson; position: PositionJson | undefined }): JSX.Element {
  const [percent, setPercent] = useState("50");
  const shares = partOf(minorOf(position?.shares), Number(percent));
  const plan = planRemoving(pool, shares);
  const unresolved = useUnresolved<Change>((one, other) => one.plan.shares === other.plan.shares);
  const intention = useIntention<Change, PoolEventJson>({
    perform: async (change, requestId) => {
      const body = { requestId, account: myAccount.value, shares: change.plan.shares, ...leastAmounts(change) };
      const send = () => post<RemoveLiquidityResponseJson>(path`/v1/pools/${change.poolId}:removeLiquidity`, body, { requestId });
      return (await unresolved.watch(change, send)).event ?? {};
    },
  });
  const sheet = (
    <IntentionSheet
      intention={intention}
      title={t("market-remove-title")}
      confirm={t("market-remove-confirm")}
      doneTitle={t("market-remove-done")}
      preview={({ plan: agreed, slippageBps }) => (
        <Planned give={<Amount value={agreed.shares} asset={pool.shareAsset ?? ""} />} get={<Both pool={pool} base={agreed.base} quote={agreed.quote} />}>
          <p class="fine">{t("market-liquidity-promise", { percent: bpsText(slippageBps) })}</p>
        </Planned>
      )}
      outcome={(event) => <Event pool={pool} event={event} text={t("market-removed-outcome")} />}
    />
  );
  if (!position)
    return (
      <>
        <EmptyState title={t("market-no-position")} hint={t("market-no-position-hint")} />
        {sheet}
      </>
    );
  return (
    <>
      <label class="slider">
        <span>{t("market-remove-part", { percent: bpsText(Number(percent) * 100) })}</span>
        <input type="range" min={1} max={100} value={percent} onInput={(event) => setPercent(event.currentTarget.value)} />
      </label>
      <Choice label={t("market-remove")} value={percent} onChange={setPercent} options={QUARTERS.map((value) => ({ value, label: bpsText(Number(value) * 100) }))} />
      <Facts facts={[[t("market-you-receive"), <Both pool={pool} base={plan.base} quote={plan.quote} />]]} />
      <Button kind="primary" size="wide" disabled={shares === 0n || plan.base === 0n || plan.quote === 0n || app.value.maintenance === true} onClick={() => intention.ask(unresolved.of({ poolId: pool.poolId ?? "", plan, slippageBps: trading.value.slippageBps }))}>
        {t("market-remove-review")}
      </Button>
      {sheet}
    </>
  );
}

function Planned({ give, get, children }: { give: ComponentChildren; get: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <Facts facts={[[t("market-you-give"), give], [t("market-you-receive"), get]]} />
      {children}
    </>
  );
}

function Event({ pool, event, text }: { pool: PoolJson; event: PoolEventJson; text: string }): JSX.Element {
  return (
    <>
      <p class="outcome-line">{text} <Both pool={pool} base={minorOf(event.baseAmount)} quote={minorOf(event.quoteAmount)} /></p>
      <p><Link href={`/receipt/${event.transactionId ?? ""}`}>{t("market-receipt")}</Link></p>
    </>
  );
}
