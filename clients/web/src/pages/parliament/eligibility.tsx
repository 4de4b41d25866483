import type { JSX } from "preact";
import { Loaded, Time } from "@/components";
import { formatInteger, t } from "@/i18n";
import type { Resource } from "@/resources";
import { formatSpan } from "@/spans";
import { idPart } from "./showing";
import type { EligibilityRuleJson, GetEligibilityResponseJson } from "./types";

/** Whether somebody may vote, rule by rule. */
export function Eligibility({ resource }: { resource: Resource<GetEligibilityResponseJson> }): JSX.Element {
  return (
    <Loaded resource={resource} lines={4}>
      {(found) => (
        <>
          <p class={found.eligible ? "good" : ""}><strong>{t(found.eligible ? "parliament-eligible" : "parliament-not-eligible")}</strong></p>
          <ul class="rules">
            {(found.rules ?? []).map((rule) => <Rule key={rule.rule} rule={rule} />)}
          </ul>
          <p class="fine">{t("parliament-judged")} <Time at={found.judgeTime} full /></p>
        </>
      )}
    </Loaded>
  );
}

function Rule({ rule }: { rule: EligibilityRuleJson }): JSX.Element {
  const part = idPart(rule.rule, "RULE_");
  const show = (value: string | undefined): string => (part === "age" ? formatSpan(Number(value ?? 0)) : formatInteger(BigInt(value ?? "0")));
  return (
    <li class={rule.met ? "rule-met" : "rule-open"}>
      <span class="rule-mark" role="img" aria-label={t(rule.met ? "parliament-met" : "parliament-unmet")}>{rule.met ? "✓" : "✕"}</span>
      <span>
        <strong>{t(`parliament-rule-${part}`)}</strong>
        <small>{part === "standing" ? t(rule.met ? "parliament-standing-good" : "parliament-standing-bad") : t("parliament-rule-has", { has: show(rule.has), needed: show(rule.needed) })}</small>
      </span>
    </li>
  );
}
