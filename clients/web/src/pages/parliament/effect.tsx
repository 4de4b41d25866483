import type { JSX } from "preact";
import { AccountName, Amount, Facts, Loaded, Time } from "@/components";
import { t } from "@/i18n";
import { useParameters, useValueBefore } from "./reading";
import { parameterHint, parameterTitle, Value } from "./showing";
import type { ProposalJson } from "./types";

/** What a proposal does, exactly, when it has passed. */
export function Effect({ proposal }: { proposal: ProposalJson }): JSX.Element {
  const { parameterChange, policyMint, policyBurn, event } = proposal;
  if (parameterChange) return <Setting proposal={proposal} name={parameterChange.name ?? ""} />;
  if (policyMint)
    return (
      <Facts
        facts={[
          [t("parliament-mints"), <Amount value={policyMint.amount} asset="BRONZE" />],
          [t("parliament-for-account"), <Account address={policyMint.account} />],
        ]}
      />
    );
  if (policyBurn)
    return (
      <Facts
        facts={[
          [t("parliament-burns"), <Amount value={policyBurn.amount} asset="BRONZE" />],
          [t("parliament-from-account"), <Account address={policyBurn.account} />],
        ]}
      />
    );
  if (event) return <Facts facts={[[t("parliament-event-time"), <Time at={event.eventTime} full />]]} />;
  return <p class="soft">{t("parliament-text-only")}</p>;
}

function Account({ address }: { address: string | undefined }): JSX.Element {
  return address === "parliament/treasury" ? <span>{t("parliament-treasury")}</span> : <AccountName address={address} />;
}

function Setting({ proposal, name }: { proposal: ProposalJson; name: string }): JSX.Element {
  const parameters = useParameters();
  const executed = proposal.state === "STATE_EXECUTED";
  const before = useValueBefore(name, proposal.proposalId ?? "", executed);
  const value = proposal.parameterChange?.value;
  return (
    <Loaded resource={parameters} lines={2}>
      {(all) => {
        const parameter = all.get(name);
        if (!parameter) return <p class="soft"><code>{name}</code></p>;
        const old = executed ? (before.data ?? undefined) : parameter.value;
        return (
          <>
            <p class="effect-name"><strong>{parameterTitle(name)}</strong> <code>{name}</code></p>
            <div class="effect">
              {old !== undefined && (
                <span class="effect-side">
                  <small>{t(executed ? "parliament-value-was" : "parliament-value-now")}</small>
                  <Value parameter={parameter} value={old} />
                </span>
              )}
              {old !== undefined && <span aria-hidden="true">→</span>}
              <span class="effect-side effect-new">
                <small>{t(executed ? "parliament-value-became" : "parliament-value-then")}</small>
                <Value parameter={parameter} value={value} />
              </span>
            </div>
            {parameterHint(parameter) && <p class="soft">{parameterHint(parameter)}</p>}
          </>
        );
      }}
    </Loaded>
  );
}
