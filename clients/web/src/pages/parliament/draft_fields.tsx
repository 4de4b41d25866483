/** What the types of proposals ask for, each checked while it is typed. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Amount, AmountField, Choice, Field, readAmount, Select } from "@/components";
import type { CreateProposalRequestJson } from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
import { decimalsOf } from "@/assets";
import { formatPercent, language, t } from "@/i18n";
import { byHandle } from "@/people";
import { ApiError } from "@/problems";
import { useResource } from "@/resources";
import { formatSpan } from "@/spans";
import type { Kind } from "./drafting";
import { useCirculating } from "./reading";
import { parameterHint, parameterTitle, Value } from "./showing";
import type { ParameterJson } from "./types";
import { readSpan, readValue, typedValue } from "./values";

/** What the fields make so far; without an action as long as something is missing or wrong. */
export interface Draft {
  action?: Pick<CreateProposalRequestJson, "parameterChange" | "policyMint" | "policyBurn" | "event">;
}

interface FieldsProps {
  parameters: ReadonlyMap<string, ParameterJson>;
  onDraft: (draft: Draft) => void;
}

export function SettingFields({ parameters, onDraft }: FieldsProps): JSX.Element {
  const mine = [...parameters.values()].filter(({ owner }) => owner === "OWNER_PARLIAMENT");
  const [name, setName] = useState(mine[0]?.name ?? "");
  const parameter = parameters.get(name);
  const options = mine.map(({ name: value = "" }) => ({ value, label: `${parameterTitle(value)} (${value})` }));
  if (!parameter) return <p class="soft">{t("parliament-nothing-to-set")}</p>;
  return (
    <>
      <Select label={t("parliament-parameter")} value={name} onChange={setName} options={options} hint={parameterHint(parameter)} />
      <p>{t("parliament-value-now")}: <strong><Value parameter={parameter} value={parameter.value} /></strong></p>
      <NewValue key={name} parameter={parameter} onDraft={onDraft} />
    </>
  );
}

function NewValue({ parameter, onDraft }: { parameter: ParameterJson; onDraft: (draft: Draft) => void }): JSX.Element {
  const decimals = decimalsOf("BRONZE");
  const [text, setText] = useState(() => typedValue(parameter, parameter.value, decimals, t("parliament-span-letters")));
  const read = readValue(parameter, text, decimals);
  const wrong = read.problem && read.problem !== "same" ? t(`parliament-value-${read.problem}`) : undefined;
  const { name = "" } = parameter;
  useEffect(() => onDraft(read.value ? { action: { parameterChange: { name, value: read.value } } } : {}), [name, text]);

  if (parameter.type === "TYPE_BOOLEAN")
    return (
      <Choice
        label={t("parliament-new-value")}
        value={text}
        onChange={setText}
        options={[
          { value: "true", label: t("parliament-yes-value") },
          { value: "false", label: t("parliament-no-value") },
        ]}
      />
    );
  if (parameter.type === "TYPE_CHOICE")
    return <Select label={t("parliament-new-value")} value={text} onChange={setText} options={(parameter.choices ?? []).map((value) => ({ value, label: value }))} />;
  const seconds = parameter.type === "TYPE_DURATION" ? readSpan(text) : undefined;
  return (
    <>
      <Field
        label={parameter.type === "TYPE_BASIS_POINTS" ? t("parliament-new-percent") : t("parliament-new-value")}
        value={text}
        onInput={setText}
        error={wrong}
        hint={seconds !== undefined ? formatSpan(Number(seconds)) : parameter.type === "TYPE_DURATION" ? t("parliament-span-hint") : parameter.type === "TYPE_INTEGER_LIST" ? t("parliament-list-hint") : read.problem === "same" ? t("parliament-value-same") : undefined}
      />
      <Bounds parameter={parameter} />
    </>
  );
}

function Bounds({ parameter }: { parameter: ParameterJson }): JSX.Element {
  // Of a list, each number is within the bounds.
  const single: ParameterJson = parameter.type === "TYPE_INTEGER_LIST" ? { ...parameter, type: parameter.unit === "minor units" ? "TYPE_AMOUNT" : "TYPE_INTEGER" } : parameter;
  return (
    <p class="fine">
      {t("parliament-bounds")} <Value parameter={single} value={{ integer: parameter.minimum ?? "0" }} /> – <Value parameter={single} value={{ integer: parameter.maximum ?? "0" }} />
    </p>
  );
}

type Whose = "treasury" | "mine" | "other";

export function PolicyFields({ kind, parameters, mine, onDraft }: FieldsProps & { kind: Kind; mine: string }): JSX.Element {
  const minting = kind === "policy-mint";
  const [whose, setWhose] = useState<Whose>("treasury");
  const [handle, setHandle] = useState("");
  const [typed, setTyped] = useState("");
  const found = useReceiver(whose === "other" ? handle.trim() : "");
  const parsed = readAmount(typed, "BRONZE");
  const account = whose === "treasury" ? "parliament/treasury" : whose === "mine" ? mine : (found.data?.account ?? "");
  const amount = "minor" in parsed ? String(parsed.minor) : "";
  useEffect(() => {
    const policy = { account, amount };
    onDraft(account && amount ? { action: minting ? { policyMint: policy } : { policyBurn: policy } } : {});
  }, [account, amount, minting]);
  const choices: Whose[] = minting ? ["treasury", "mine", "other"] : ["treasury", "mine"];
  return (
    <>
      <Choice label={t(minting ? "parliament-for-account" : "parliament-from-account")} value={whose} onChange={setWhose} options={choices.map((value) => ({ value, label: t(`parliament-whose-${value}`) }))} />
      {whose === "other" && <Field label={t("parliament-handle")} prefix="@" value={handle} onInput={(value) => setHandle(value.replace(/^@/, ""))} error={found.error ? t("parliament-handle-unknown") : undefined} />}
      <AmountField label={t(minting ? "parliament-mints" : "parliament-burns")} asset="BRONZE" value={typed} onInput={setTyped} />
      <PolicyLimit minting={minting} parameters={parameters} />
    </>
  );
}

function useReceiver(handle: string) {
  return useResource(handle.length >= 3 ? `receiver/${handle}` : null, async (signal) => {
    await pause(250, signal);
    return byHandle(handle, signal);
  });
}

/** Waits until somebody has stopped typing; ends as an aborted call does when it is not needed any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason instanceof DOMException ? signal.reason : ApiError.local("TIMEOUT"));
    });
  });
}

/** How much a period lets the Parliament make or take: only about, since it is counted from the period's first decision. */
function PolicyLimit({ minting, parameters }: { minting: boolean; parameters: ReadonlyMap<string, ParameterJson> }): JSX.Element | null {
  const circulating = useCirculating("BRONZE").data;
  const bps = parameters.get(minting ? "parliament.mint_limit" : "parliament.burn_limit")?.value?.integer ?? "0";
  const period = parameters.get("parliament.policy_period")?.value?.integer ?? "0";
  if (circulating === undefined) return null;
  return (
    <p class="fine">
      {t("parliament-policy-limit", { percent: formatPercent(Number(bps) / 10_000), span: formatSpan(Number(period)) })} <Amount value={(circulating * BigInt(bps)) / 10_000n} asset="BRONZE" />
    </p>
  );
}

/** An event is after the proposal could be executed: before, nothing is decided. */
export function EventFields({ parameters, onDraft }: FieldsProps): JSX.Element {
  const [text, setText] = useState("");
  const seconds = ["discussion", "voting", "veto"].reduce((sum, part) => sum + Number(parameters.get(`parliament.${part}_period`)?.value?.integer ?? "0"), 0);
  const earliest = new Date(Date.now() + seconds * 1000);
  const time = new Date(text);
  const known = text !== "" && !Number.isNaN(time.getTime());
  const late = known && time.getTime() > earliest.getTime();
  useEffect(() => onDraft(late ? { action: { event: { eventTime: time.toISOString() } } } : {}), [text, late]);
  return (
    <Field
      label={t("parliament-event-time")}
      type="datetime-local"
      value={text}
      onInput={setText}
      error={known && !late ? t("parliament-event-early") : undefined}
      hint={t("parliament-event-hint", { time: new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(earliest) })}
    />
  );
}
