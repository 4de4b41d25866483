import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, ErrorLine } from "@/components";
import { t } from "@/i18n";
import { ApiError } from "@/problems";
import { haptic } from "@/telegram";
import type { Step, Verdict } from "@/verification";
import { keptCommitment } from "./commitments";
import { readEntries } from "./reading";
import type { RoundJson } from "./types";

/** Draws the winner again in this page, from what anybody can read, and tells each step. */
export function DrawCheck({ round }: { round: RoundJson }): JSX.Element {
  const [verdict, setVerdict] = useState<Verdict>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const kept = keptCommitment(round.roundId ?? "");

  async function verify(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      // The hashes are only loaded by who checks.
      const [{ verifyDraw }, entries] = await Promise.all([import("@/verification"), readEntries(round.roundId ?? "")]);
      const found = verifyDraw(round, entries, kept);
      setVerdict(found);
      haptic(found.ok ? "success" : "error");
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown : ApiError.local("OFFLINE"));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title={t("queues-check-title")}>
      <p class="soft">{t("queues-check-lead")}</p>
      {kept && <p class="soft">{t("queues-check-kept")}</p>}
      {error && <ErrorLine error={error} />}
      <div aria-live="polite">
        {verdict && (
          <>
            <p class={`verdict ${verdict.ok ? "good" : "bad"}`}>{t(verdict.ok ? "queues-check-good" : "queues-check-bad")}</p>
            <ol class="checks">{verdict.steps.map((step) => <CheckedStep key={step.check} step={step} />)}</ol>
          </>
        )}
      </div>
      <Button kind={verdict ? "secondary" : "primary"} busy={busy} onClick={() => void verify()}>{t(verdict ? "queues-check-again" : "queues-verify")}</Button>
    </Card>
  );
}

function CheckedStep({ step }: { step: Step }): JSX.Element {
  const { check, ok, facts, problem } = step;
  return (
    <li class={ok === false ? "check-bad" : "check-good"}>
      <strong>
        <span aria-hidden="true">{ok === false ? "✕" : "✓"}</span> {t(`queues-check-${check}`)}
      </strong>
      {problem && <p class="bad">{problem}</p>}
      {Object.keys(facts).length > 0 && (
        <details>
          <summary>{t("queues-check-facts")}</summary>
          <dl>
            {Object.entries(facts).map(([name, value]) => (
              <div key={name}>
                <dt>{t(`queues-fact-${name}`)}</dt>
                <dd class="mono">{name === "kept" ? t(`queues-fact-kept-${value}`) : value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}
