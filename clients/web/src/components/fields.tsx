import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { parseAmount, editableAmount, type Minor, type Parsed } from "@/amounts";
import { decimalsOf, amountText } from "@/assets";
import { t } from "@/i18n";

interface FieldFrame {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | undefined;
}

/** Label, control, and what is said below it; the control gets the ids that tie them together. */
function Frame({ label, hint, error, control }: FieldFrame & { control: (ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ComponentChildren }): JSX.Element {
  const id = useId();
  const note = `${id}-note`;
  const noted = Boolean(hint || error);
  return (
    <div class={`field ${error ? "field-wrong" : ""}`}>
      <label for={id}>{label}</label>
      {control({ id, "aria-describedby": noted ? note : undefined, "aria-invalid": error ? true : undefined })}
      {noted && <p id={note} class="field-note" aria-live="polite">{error || hint}</p>}
    </div>
  );
}

export interface FieldProps extends FieldFrame {
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  type?: "text" | "search" | "date" | "datetime-local" | "number";
  prefix?: string;
  maxLength?: number;
  autoComplete?: string;
  inputMode?: "text" | "decimal" | "numeric" | "search";
  autoFocus?: boolean;
  disabled?: boolean;
}

export function Field({ label, hint, error, value, onInput, prefix, type = "text", autoComplete = "off", ...rest }: FieldProps): JSX.Element {
  return (
    <Frame label={label} hint={hint} error={error} control={(ids) => (
      <span class="input">
        {prefix && <span class="input-affix" aria-hidden="true">{prefix}</span>}
        <input {...ids} {...rest} type={type} value={value} autocomplete={autoComplete} autocapitalize="none" spellcheck={false} onInput={(event) => onInput(event.currentTarget.value)} />
      </span>
    )} />
  );
}

export function Select<Value extends string>({ label, hint, error, value, onChange, options }: FieldFrame & { value: Value; onChange: (value: Value) => void; options: readonly { value: Value; label: string }[] }): JSX.Element {
  return (
    <Frame label={label} hint={hint} error={error} control={(ids) => (
      <span class="input">
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      </span>
    )} />
  );
}

export function TextArea({ label, hint, error, value, onInput, rows = 3, maxLength }: FieldFrame & { value: string; onInput: (value: string) => void; rows?: number; maxLength?: number }): JSX.Element {
  return (
    <Frame label={label} hint={hint} error={error} control={(ids) => (
      <span class="input">
        <textarea {...ids} rows={rows} maxLength={maxLength} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
      </span>
    )} />
  );
}

export interface AmountFieldProps {
  label: ComponentChildren;
  asset: string;
  /** What is in the input; `readAmount` makes minor units of it. */
  value: string;
  onInput: (value: string) => void;
  /** What there is to spend: shown, checked, and taken whole by a button. */
  available?: Minor;
  error?: string | undefined;
  hint?: ComponentChildren;
  autoFocus?: boolean;
}

/** An amount of an asset, as people type it: `1,234.5`, `5k`, `1.2m`. */
export function AmountField({ label, asset, value, onInput, available, error, hint, autoFocus }: AmountFieldProps): JSX.Element {
  const parsed = readAmount(value, asset);
  const told = error ?? (value ? amountError(parsed, asset, available) : undefined);
  const meant = "minor" in parsed && /[a-zа-я]/i.test(value) ? t("amount-meant", { amount: amountText(parsed.minor, asset) }) : undefined;
  const has = available === undefined ? undefined : t("amount-available", { amount: amountText(available, asset) });
  return (
    <Frame label={label} error={told} hint={meant ?? hint ?? has} control={(ids) => (
      <span class="input">
        <input {...ids} value={value} inputMode="decimal" autocomplete="off" autoFocus={autoFocus} placeholder="0" onInput={(event) => onInput(event.currentTarget.value)} />
        {available !== undefined && (
          <button type="button" class="input-all" onClick={() => onInput(editableAmount(available, decimalsOf(asset)))}>{t("amount-all")}</button>
        )}
        <span class="input-affix">{asset}</span>
      </span>
    )} />
  );
}

export function readAmount(typed: string, asset: string): Parsed {
  return parseAmount(typed, decimalsOf(asset));
}

/** What is wrong with a typed amount; undefined for nothing. */
export function amountError(parsed: Parsed, asset: string, available?: Minor): string | undefined {
  if ("refused" in parsed) return t(`amount-${parsed.refused}`, { decimals: decimalsOf(asset) });
  if (available !== undefined && parsed.minor > BigInt(available)) return t("amount-too-much", { amount: amountText(available, asset) });
  return undefined;
}

/** On or off. */
export function Switch({ label, hint, checked, onChange, disabled }: { label: ComponentChildren; hint?: ComponentChildren; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }): JSX.Element {
  return (
    <label class="switch">
      <span class="switch-text">
        <span>{label}</span>
        {hint && <small>{hint}</small>}
      </span>
      <input type="checkbox" role="switch" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
  );
}
