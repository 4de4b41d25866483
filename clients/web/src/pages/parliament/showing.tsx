/** Small pieces that several pages of the parliament show. */
import type { JSX } from "preact";
import { Amount, Countdown } from "@/components";
import { useNow } from "@/clock";
import { formatInteger, formatPercent, formatPreciseTime, has, language, t } from "@/i18n";
import { formatSpan } from "@/spans";
import { percent, standing } from "./tally";
import type { ParameterJson, ParameterValueJson, ProposalJson } from "./types";
import { isMoney } from "./values";

/** A value of the wire that begins with its enum's name, as the end of a text's id: STATE_VETO_WINDOW is veto-window. */
export function idPart(value: string | undefined, prefix: string): string {
  return (value ?? `${prefix}UNSPECIFIED`).replace(prefix, "").toLowerCase().replaceAll("_", "-");
}

export function StateBadge({ proposal }: { proposal: ProposalJson }): JSX.Element {
  const { state } = proposal;
  const tone = state === "STATE_EXECUTED" ? "badge-good" : state === "STATE_VETOED" || state === "STATE_FAILED" ? "badge-bad" : state === "STATE_VOTING" || state === "STATE_VETO_WINDOW" ? "badge-warn" : "";
  return <span class={`badge ${tone}`}>{t(`parliament-state-${idPart(state, "STATE_")}`)}</span>;
}

export function TypeBadge({ proposal }: { proposal: ProposalJson }): JSX.Element {
  return <span class="badge">{t(`parliament-type-${idPart(proposal.type, "TYPE_")}`)}</span>;
}

/** A proposal's title, which is empty once its proposer was erased. */
export function titleOf(proposal: ProposalJson): string {
  return proposal.title || t("parliament-erased");
}

const DAY_MS = 86_400_000;

/** How long until a moment: by the second when it is near, in days and hours when it is not. */
export function Until({ time }: { time: string | undefined }): JSX.Element | null {
  const now = useNow(30_000);
  if (!time) return null;
  const left = Date.parse(time) - Math.max(now, Date.now());
  if (left < DAY_MS) return <Countdown to={time} />;
  return <time dateTime={time} title={formatPreciseTime(new Date(time))}>{formatSpan(left / 1000)}</time>;
}

/** What a parameter is called, in the page's language; by its name where there is no text. */
export function parameterTitle(name: string): string {
  const id = `parameter-${name.replaceAll(".", "-").replaceAll("_", "-")}`;
  return has(id) ? t(id) : name;
}

/** What it does, as the server tells it: in English. */
export function parameterHint(parameter: ParameterJson | undefined): string {
  return language.value === "en" ? (parameter?.description ?? "") : "";
}

/** A value of a parameter, with its unit. */
export function Value({ parameter, value }: { parameter: ParameterJson; value: ParameterValueJson | undefined }): JSX.Element {
  const number = value?.integer ?? "0";
  switch (parameter.type) {
    case "TYPE_BOOLEAN":
      return <span>{t(value?.boolean ? "parliament-yes-value" : "parliament-no-value")}</span>;
    case "TYPE_CHOICE":
      return <code>{value?.choice}</code>;
    case "TYPE_BASIS_POINTS":
      return <span>{formatPercent(Number(number) / 10_000)}</span>;
    case "TYPE_DURATION":
      return <span>{formatSpan(Number(number))}</span>;
    case "TYPE_INTEGER_LIST":
      return (
        <span class="values">
          {(value?.integers?.values ?? []).map((one, at) => <span key={at}>{isMoney(parameter) ? <Amount value={one} asset="BRONZE" bare /> : formatInteger(BigInt(one))}</span>)}
          <small>{unitText(parameter.unit)}</small>
        </span>
      );
    default:
      if (isMoney(parameter)) return <Amount value={number} asset="BRONZE" />;
      return <span>{formatInteger(BigInt(number))} <small>{unitText(parameter.unit)}</small></span>;
  }
}

/** What a number counts, in the page's language where there is a text for it. */
export function unitText(unit: string | undefined): string {
  if (!unit) return "";
  const id = `unit-${unit.replaceAll(" ", "-")}`;
  return has(id) ? t(id) : unit;
}

/** How a vote stands: two bars, each with the line that has to be met, and the same in words. */
export function TallyBars({ proposal, brief }: { proposal: ProposalJson; brief?: boolean }): JSX.Element | null {
  const now = standing(proposal);
  if (now.quorum === undefined || now.threshold === undefined) return null;
  const scale = Math.max(now.electorate, now.cast, now.quorum, 1);
  return (
    <div class={`tally ${brief ? "tally-brief" : ""}`}>
      <div class="tally-bar" role="img" aria-label={t("parliament-approval-label", { yes: now.yes, no: now.no, abstain: now.abstain, needed: formatPercent(now.threshold) })}>
        <span class="tally-yes" style={{ width: `${percent(now.yes, now.yes + now.no)}%` }} />
        <span class="tally-no" style={{ width: `${percent(now.no, now.yes + now.no)}%` }} />
        <span class="tally-line" style={{ left: `${now.threshold * 100}%` }} />
      </div>
      {!brief && (
        <p class="tally-text">
          <span><b class="tally-mark tally-yes" aria-hidden="true" /> {t("parliament-count-yes", { count: formatInteger(now.yes) })}</span>
          <span><b class="tally-mark tally-no" aria-hidden="true" /> {t("parliament-count-no", { count: formatInteger(now.no) })}</span>
          <span><b class="tally-mark tally-abstain" aria-hidden="true" /> {t("parliament-count-abstain", { count: formatInteger(now.abstain) })}</span>
          <span class="soft">{t("parliament-needs-more", { percent: formatPercent(now.threshold) })}</span>
        </p>
      )}
      <div class="tally-bar tally-quorum" role="img" aria-label={t("parliament-quorum-label", { cast: now.cast, electorate: now.electorate, quorum: now.quorum })}>
        <span class="tally-cast" style={{ width: `${percent(now.cast, scale)}%` }} />
        <span class="tally-line" style={{ left: `${percent(now.quorum, scale)}%` }} />
      </div>
      <p class="tally-text">
        <span>{t("parliament-cast", { cast: formatInteger(now.cast), electorate: formatInteger(now.electorate) })}</span>
        <span class={now.quorumMet ? "good" : "soft"}>{t(now.quorumMet ? "parliament-quorum-met" : "parliament-quorum-missing", { quorum: formatInteger(now.quorum), missing: Math.max(0, now.quorum - now.cast) })}</span>
      </p>
    </div>
  );
}
