import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, ErrorState, Skeleton } from "@/components";
import type { ReceiptJson } from "@/contracts/ticketonomics/proofs/v1/receipt_pb";
import { download } from "@/downloads";
import { formatDateTime, formatInteger, has, t } from "@/i18n";
import { useResource } from "@/resources";
import type { Step } from "@/verification";
import { check, type Checked } from "@/receipt/checking";
import { forget } from "@/receipt/kept";

/** Verifies a receipt in this page, and tells each step. */
export function Verification({ receipt }: { receipt: ReceiptJson }): JSX.Element {
  const [round, setRound] = useState(0);
  const key = `verified-${receipt.transaction?.transactionId}-${receipt.signedHead?.signature}-${round}`;
  const { data, error, reload } = useResource(key, (signal) => check(receipt, signal), { lasting: true });
  const again = (): void => setRound((before) => before + 1);
  if (error) return <Card title={t("receipt-verification")}><ErrorState error={error} retry={reload} /></Card>;
  if (!data) return <Card title={t("receipt-verification")}><Skeleton lines={6} /></Card>;
  return (
    <Card title={t("receipt-verification")} class="verification">
      <div role="status" aria-live="polite">
        {data.verdict.ok ? <Holds /> : data.rewritten ? <Rewritten checked={data} receipt={receipt} onForget={again} /> : <Fails checked={data} />}
      </div>
      <ol class="steps">
        {data.verdict.steps.map((step) => <StepLine key={step.check} step={step} />)}
      </ol>
      <Watch checked={data} receipt={receipt} />
      <div class="buttons">
        <Button onClick={again}>{t("receipt-verify-again")}</Button>
      </div>
      <details class="small-print">
        <summary>{t("receipt-trust")}</summary>
        <p>{t("receipt-trust-page")}</p>
        <p>{t("receipt-trust-key", { key: receipt.signedHead?.signingKeyId ?? "" })}</p>
        <pre class="command"><code>ticketonomics receipts verify receipt.json --public-key operator.pub</code></pre>
      </details>
    </Card>
  );
}

function Holds(): JSX.Element {
  return (
    <div class="seal seal-good">
      <span class="stamp" aria-hidden="true">✓</span>
      <div>
        <p class="seal-title">{t("receipt-holds")}</p>
        <p>{t("receipt-holds-lead")}</p>
      </div>
    </div>
  );
}

function Fails({ checked }: { checked: Checked }): JSX.Element {
  const failed = checked.verdict.steps.find((step) => step.ok === false);
  return (
    <div class="seal seal-bad" role="alert">
      <span class="stamp" aria-hidden="true">✕</span>
      <div>
        <p class="seal-title">{t("receipt-fails")}</p>
        <p>{t(failed?.check === "key" ? "receipt-fails-key" : "receipt-fails-lead")}</p>
      </div>
    </div>
  );
}

/** The ledger is not what this browser saw before: nothing else on the page matters as much. */
function Rewritten({ checked, receipt, onForget }: { checked: Checked; receipt: ReceiptJson; onForget: () => void }): JSX.Element {
  const { kept } = checked;
  const [sure, setSure] = useState(false);
  const evidence = (): void => {
    const heads = { kept: kept?.head, now: receipt.signedHead };
    download("ticketonomics-two-heads.json", `${JSON.stringify(heads, null, 2)}\n`, "application/json");
  };
  return (
    <div class="seal seal-alarm" role="alert">
      <span class="stamp" aria-hidden="true">!</span>
      <div>
        <p class="seal-title">{t("receipt-rewritten")}</p>
        <p>{t("receipt-rewritten-lead", { height: formatInteger(BigInt(kept?.head.treeSize ?? "0")) })}</p>
        <p>{t("receipt-rewritten-why")}</p>
        <div class="buttons">
          <Button kind="primary" onClick={evidence}>{t("receipt-evidence")}</Button>
          {sure ? (
            <Button
              kind="danger"
              onClick={() => {
                forget(receipt.signedHead?.economy ?? "");
                onForget();
              }}
            >
              {t("receipt-forget-sure")}
            </Button>
          ) : (
            <Button onClick={() => setSure(true)}>{t("receipt-forget")}</Button>
          )}
        </div>
      </div>
    </div>
  );
}

const SIGNS = new Map([[true, "✓"], [false, "✕"], [null, "–"]]);

/** One step: whether it holds, what it means, and what was compared. */
function StepLine({ step }: { step: Step }): JSX.Element {
  const state = step.ok === null ? "skipped" : step.ok ? "holds" : "fails";
  const facts = Object.entries(step.facts);
  const skipped = `receipt-step-${step.check}-skipped`;
  const explained = step.ok === null && has(skipped) ? skipped : `receipt-step-${step.check}-explained`;
  return (
    <li class={`step step-${state}`}>
      <span class="step-sign" aria-hidden="true">{SIGNS.get(step.ok)}</span>
      <div>
        <p class="step-title">{t(`receipt-step-${step.check}`)} <span class="visually-hidden">{t(`receipt-state-${state}`)}</span></p>
        <p class="step-text">{t(explained)}</p>
        {step.problem && <p class="step-problem"><code>{step.problem}</code></p>}
        {facts.length > 0 && (
          <details>
            <summary>{t("receipt-facts")}</summary>
            <dl class="hashes">
              {facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{t(`receipt-fact-${name}`)}</dt>
                  <dd><code class="hash">{value}</code></dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}

/** What this browser keeps watch over. */
function Watch({ checked, receipt }: { checked: Checked; receipt: ReceiptJson }): JSX.Element | null {
  if (checked.rewritten) return null;
  const { kept, verdict } = checked;
  if (!verdict.ok) return null;
  const size = formatInteger(BigInt(receipt.signedHead?.treeSize ?? "0"));
  return <p class="note">{kept ? t("receipt-watched", { since: formatDateTime(new Date(kept.since)), height: size }) : t("receipt-first-watch", { height: size })}</p>;
}
