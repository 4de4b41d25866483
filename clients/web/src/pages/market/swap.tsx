import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { editableAmount, minorOf } from "@/amounts";
import { get, path, post } from "@/api";
import { amountText, decimalsOf } from "@/assets";
import { Amount, AmountField, assetName, Button, ButtonLink, Card, Choice, ErrorLine, Facts, IntentionSheet, readAmount } from "@/components";
import type { SwapResponseJson } from "@/contracts/ticketonomics/amm/v1/amm_service_pb";
import { t } from "@/i18n";
import { useIntention, type Phase } from "@/intentions";
import { useRepeatable, useUnresolved } from "@/repeatable";
import { app, myAccount, signedIn } from "@/session";
import { Quoter, type QuoteState } from "./quoter";
import { useAvailable } from "./reading";
import { DEADLINES, setTrading, SLIPPAGES, trading } from "./settings";
import { bpsText, Price } from "./showing";
import { impactLevel, isEmpty, isPaused, swapLimit, withinLimit, type Exact } from "./trading";
import type { PoolJson, QuoteResponseJson, SwapJson } from "./types";

interface Ask {
  poolId: string;
  assetIn: string;
  assetOut: string;
  exact: Exact;
  amount: bigint;
}

/** What somebody agrees to: the question, its quote, and how far the outcome may be off. */
interface Agreement {
  ask: Ask;
  quote: QuoteResponseJson;
  limit: bigint;
  slippageBps: number;
  deadlineSeconds: number;
}

/** Trades with a pool. `version` changes whenever the pool has moved. */
export function SwapCard({ pool, version }: { pool: PoolJson; version: string }): JSX.Element {
  const [base, quoted] = [pool.baseAsset ?? "", pool.quoteAsset ?? ""];
  const [buying, setBuying] = useState(true);
  const [exact, setExact] = useState<Exact>("in");
  const [typed, setTyped] = useState("");
  const [assetIn, assetOut] = buying ? [quoted, base] : [base, quoted];
  const parsed = readAmount(typed, exact === "in" ? assetIn : assetOut);
  const amount = "minor" in parsed ? parsed.minor : undefined;
  const tradable = !isPaused(pool) && !isEmpty(pool);
  const ask = amount !== undefined && tradable ? { poolId: pool.poolId ?? "", assetIn, assetOut, exact, amount } : undefined;
  const state = useQuote(ask, version);
  const quote = quoteOf(state);
  const available = useAvailable(myAccount.value, assetIn).data;
  const { slippageBps, deadlineSeconds } = trading.value;
  const given = minorOf(quote?.amountIn);
  const enough = available !== undefined && given <= available;
  const { intention, unresolved } = useSwap(() => setTyped(""));

  function agree(): void {
    if (!ask || !quote) return;
    const limit = swapLimit(exact, minorOf(exact === "in" ? quote.amountOut : quote.amountIn), slippageBps);
    intention.ask(unresolved.of({ ask, quote, limit, slippageBps, deadlineSeconds }));
  }

  const typeInto = (side: Exact) => (value: string): void => {
    setExact(side);
    setTyped(value);
  };
  const shown = (side: Exact): string => {
    if (side === exact) return typed;
    const found = side === "in" ? quote?.amountIn : quote?.amountOut;
    return found ? editableAmount(found, decimalsOf(side === "in" ? assetIn : assetOut)) : "";
  };

  return (
    <Card title={t("market-swap")} actions={<TradingSettings />}>
      {!tradable && <p class="soft">{t(isPaused(pool) ? "market-paused-hint" : "market-pool-empty-hint")}</p>}
      <div class="swap">
        <AmountField label={t("market-give", { asset: assetName(assetIn) })} asset={assetIn} value={shown("in")} onInput={typeInto("in")} available={signedIn.value ? available : undefined} />
        <button
          type="button"
          class="icon-button swap-flip"
          aria-label={t("market-flip")}
          onClick={() => {
            setBuying(!buying);
            setExact("in");
            setTyped("");
          }}
        >
          ⇅
        </button>
        <AmountField label={t("market-receive", { asset: assetName(assetOut) })} asset={assetOut} value={shown("out")} onInput={typeInto("out")} hint={exact === "out" ? t("market-receive-exact") : t("market-receive-hint")} />
      </div>
      {state.kind === "refused" && <ErrorLine error={state.error} />}
      <Said ask={ask} quote={quote} />
      {quote && ask && <QuoteFacts ask={ask} quote={quote} slippageBps={slippageBps} renewing={state.kind === "asking"} />}
      <div class="card-foot">
        {signedIn.value ? (
          <Button kind="primary" size="wide" onClick={agree} disabled={!quote || !enough || app.value.maintenance === true}>
            {t("market-review")}
          </Button>
        ) : (
          <ButtonLink href="/profile" kind="primary" size="wide">{t("market-sign-in")}</ButtonLink>
        )}
      </div>
      <IntentionSheet
        intention={intention}
        title={t("market-swap-confirm-title")}
        confirm={t("market-swap-confirm")}
        doneTitle={t("market-swap-done")}
        preview={(agreed) => <Preview agreed={agreed} now={ask && sameAsk(ask, agreed.ask) ? quote : undefined} phase={intention.phase.value} renew={agree} />}
        outcome={(swap) => <Outcome swap={swap} />}
      />
    </Card>
  );
}

function sameAsk(one: Ask, other: Ask): boolean {
  return one.amount === other.amount && one.exact === other.exact && one.assetIn === other.assetIn;
}

function quoteOf(state: QuoteState<QuoteResponseJson>): QuoteResponseJson | undefined {
  if (state.kind === "ready") return state.quote;
  return state.kind === "asking" ? state.last : undefined;
}

/** The quote for a question, kept fresh while the pool moves. */
function useQuote(ask: Ask | undefined, version: string): QuoteState<QuoteResponseJson> {
  const [state, setState] = useState<QuoteState<QuoteResponseJson>>({ kind: "idle" });
  const quoter = useRef<Quoter<Ask, QuoteResponseJson>>();
  quoter.current ??= new Quoter(readQuote, setState);
  useEffect(() => () => quoter.current?.close(), []);
  useEffect(() => quoter.current?.ask(ask), [ask?.poolId, ask?.assetIn, ask?.exact, ask?.amount]);
  useEffect(() => quoter.current?.renew(), [version]);
  return state;
}

function readQuote({ poolId, assetIn, assetOut, exact, amount }: Ask, signal: AbortSignal): Promise<QuoteResponseJson> {
  const fixed = exact === "in" ? { amountIn: amount } : { amountOut: amount };
  return get<QuoteResponseJson>(path`/v1/pools/${poolId}:quote`, { assetIn, assetOut, ...fixed }, { signal });
}

/** Swapping, once for each agreement. The deadline begins when it is sent, and stays when it is sent again. */
function useSwap(onDone: () => void) {
  const deadlineOf = useRepeatable(({ deadlineSeconds }: Agreement) => new Date(Date.now() + deadlineSeconds * 1000).toISOString());
  const unresolved = useUnresolved<Agreement>((one, other) => sameAsk(one.ask, other.ask));
  const intention = useIntention<Agreement, SwapJson>({
    perform: async (agreed, requestId) => {
      const { ask, limit } = agreed;
      const { poolId, assetIn, assetOut, exact, amount } = ask;
      const body = {
        transactionId: requestId,
        account: myAccount.value,
        assetIn,
        assetOut,
        ...(exact === "in" ? { amountIn: amount } : { amountOut: amount }),
        limitAmount: limit,
        deadlineTime: deadlineOf(requestId, agreed),
      };
      const send = () => post<SwapResponseJson>(path`/v1/pools/${poolId}:swap`, body, { requestId });
      return (await unresolved.watch(agreed, send)).swap ?? {};
    },
    onDone,
  });
  return { intention, unresolved };
}

/** The first quote for a question, for ears: what is renewed every second would never end to be read out. */
function Said({ ask, quote }: { ask: Ask | undefined; quote: QuoteResponseJson | undefined }): JSX.Element {
  const said = useMemo(() => {
    if (!ask || !quote) return "";
    const [given, received] = [amountText(quote.amountIn, ask.assetIn), amountText(quote.amountOut, ask.assetOut)];
    return t("market-quote-said", { given: `${given} ${assetName(ask.assetIn)}`, received: `${received} ${assetName(ask.assetOut)}` });
  }, [ask?.assetIn, ask?.exact, ask?.amount, quote === undefined]);
  return <p class="visually-hidden" role="status">{said}</p>;
}

function QuoteFacts({ ask, quote, slippageBps, renewing }: { ask: Ask; quote: QuoteResponseJson; slippageBps: number; renewing?: boolean }): JSX.Element {
  const { assetIn, assetOut, exact } = ask;
  const impact = quote.priceImpactBps ?? 0;
  const level = impactLevel(impact);
  const limit = swapLimit(exact, minorOf(exact === "in" ? quote.amountOut : quote.amountIn), slippageBps);
  return (
    <div class={`quote ${renewing ? "quote-renewing" : ""}`}>
      <Facts
        facts={[
          [t("market-execution-price"), <Price value={quote.executionPrice} />],
          [
            t("market-impact"),
            <span class={`impact-${level}`}>
              {bpsText(impact)} {level !== "low" && <small>{t(`market-impact-${level}`)}</small>}
            </span>,
          ],
          [
            t("market-fee"),
            <span>
              <Amount value={quote.feeAmount} asset={assetIn} /> <small>{t("market-fee-burned", { amount: editableAmount(quote.burnedAmount, decimalsOf(assetIn)) })}</small>
            </span>,
          ],
          [
            t(exact === "in" ? "market-at-least" : "market-at-most", { percent: bpsText(slippageBps) }),
            <Amount value={limit} asset={exact === "in" ? assetOut : assetIn} />,
          ],
        ]}
      />
    </div>
  );
}

// Refusals that say only that it came too late: with a new price it may be done.
const TOO_LATE = ["LIMIT_NOT_MET", "TRADE_EXPIRED"];

function Preview({ agreed, now, phase, renew }: { agreed: Agreement; now: QuoteResponseJson | undefined; phase: Phase<Agreement, SwapJson>; renew: () => void }): JSX.Element {
  const { ask, quote, limit, slippageBps } = agreed;
  const { exact, assetIn, assetOut } = ask;
  const other = minorOf(exact === "in" ? now?.amountOut : now?.amountIn);
  const tooLate = phase.name === "failed" && TOO_LATE.includes(phase.error.reason);
  const moved = phase.name === "asking" && !withinLimit(exact, other, limit);
  return (
    <>
      <div class="exchange">
        <span class="exchange-side"><small>{t("market-you-give")}</small><Amount value={quote.amountIn} asset={assetIn} /></span>
        <span aria-hidden="true">→</span>
        <span class="exchange-side"><small>{t("market-you-receive")}</small><Amount value={quote.amountOut} asset={assetOut} /></span>
      </div>
      <QuoteFacts ask={ask} quote={quote} slippageBps={slippageBps} />
      <p class="fine">{t("market-swap-promise")}</p>
      {now && (moved || tooLate) && (
        <div class="moved" role="status">
          <p>{t("market-moved")}</p>
          <Button size="small" onClick={renew}>{t("market-new-quote")}</Button>
        </div>
      )}
    </>
  );
}

function Outcome({ swap }: { swap: SwapJson }): JSX.Element {
  return (
    <>
      <p class="outcome-line">
        {t("market-you-gave")} <Amount value={swap.amountIn} asset={swap.assetIn ?? ""} />, {t("market-you-received")} <Amount value={swap.amountOut} asset={swap.assetOut ?? ""} />.
      </p>
      <p><Link href={`/receipt/${swap.transactionId ?? ""}`}>{t("market-receipt")}</Link></p>
    </>
  );
}

/** How far the outcome may be off, and how long it may take. */
function TradingSettings(): JSX.Element {
  const { slippageBps, deadlineSeconds } = trading.value;
  return (
    <details class="trading">
      <summary>{t("market-limits", { percent: bpsText(slippageBps) })}</summary>
      <div class="trading-body">
        <p class="soft">{t("market-slippage-hint")}</p>
        <Choice label={t("market-slippage")} value={String(slippageBps)} onChange={(value) => setTrading({ slippageBps: Number(value) })} options={SLIPPAGES.map((bps) => ({ value: String(bps), label: bpsText(bps) }))} />
        <p class="soft">{t("market-deadline")}</p>
        <Choice label={t("market-deadline")} value={String(deadlineSeconds)} onChange={(value) => setTrading({ deadlineSeconds: Number(value) })} options={DEADLINES.map((seconds) => ({ value: String(seconds), label: t("market-minutes", { count: seconds / 60 }) }))} />
      </div>
    </details>
  );
}
