import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "@/components/basics";
import { ErrorLine } from "@/components/states";
import { t } from "@/i18n";
import type { Intention } from "@/intentions";
import { useBackButton } from "@/telegram";

/** A dialog: a sheet from below on phones, in the middle elsewhere. The browser keeps the focus inside. */
export function Sheet({ title, onClose, children, closable = true }: { title: string; onClose: () => void; children: ComponentChildren; closable?: boolean }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const close = useRef(onClose);
  close.current = onClose;
  useBackButton(closable ? onClose : undefined);

  useEffect(() => {
    const shown = dialog.current!;
    const before = document.activeElement;
    shown.showModal();
    return () => {
      shown.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (closable) close.current();
      }}
      onClick={(event) => {
        if (closable && event.target === dialog.current) close.current();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={heading}>{title}</h2>
          {closable && <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>✕</button>}
        </header>
        {children}
      </div>
    </dialog>
  );
}

export interface IntentionSheetProps<Input, Output> {
  intention: Intention<Input, Output>;
  title: string;
  /** What will happen. */
  preview: (input: Input) => ComponentChildren;
  confirm: string;
  /** What happened. */
  outcome: (output: Output, input: Input) => ComponentChildren;
  doneTitle?: string;
  danger?: boolean;
  /** A way to change what is meant, shown beside a refusal. */
  onClose?: () => void;
}

/** Leads through an intention: what will happen, the wait, a refusal with another try, and the outcome, once. */
export function IntentionSheet<Input, Output>({ intention, title, preview, confirm, outcome, doneTitle, danger, onClose }: IntentionSheetProps<Input, Output>): JSX.Element | null {
  const phase = intention.phase.value;
  if (phase.name === "idle") return null;
  const close = (): void => {
    intention.close();
    onClose?.();
  };
  if (phase.name === "done")
    return (
      <Sheet title={doneTitle ?? t("done")} onClose={close}>
        <div class="outcome" role="status">
          <div class="stamp" aria-hidden="true">✓</div>
          {outcome(phase.output, phase.input)}
        </div>
        <div class="sheet-actions">
          <Button kind="primary" size="wide" onClick={close}>{t("close")}</Button>
        </div>
      </Sheet>
    );
  const busy = phase.name === "busy";
  const failed = phase.name === "failed" ? phase.error : undefined;
  // Asking again can only help where it was not refused for good.
  const again = !failed || failed.passing;
  return (
    <Sheet title={title} onClose={close} closable={!busy}>
      {preview(phase.input)}
      {failed && <ErrorLine error={failed} />}
      {failed?.outcomeUnknown && <p class="sheet-note">{t("outcome-unknown")}</p>}
      <div class="sheet-actions">
        <Button onClick={close} disabled={busy}>{failed ? t("close") : t("cancel")}</Button>
        {again && <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={() => void intention.confirm()}>{failed ? t("retry") : confirm}</Button>}
      </div>
    </Sheet>
  );
}
