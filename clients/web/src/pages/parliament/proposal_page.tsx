import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { path, post } from "@/api";
import { Amount, Button, ButtonLink, Card, EmptyState, ErrorLine, ErrorState, Facts, IntentionSheet, List, Page, PersonName, Skeleton, Time } from "@/components";
import type { WithdrawProposalResponseJson } from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
import { errorText, formatPercent, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { ApiError } from "@/problems";
import { app, me } from "@/session";
import { Effect } from "./effect";
import "./parliament.css";
import { useBallots, useProposal, type LiveProposal } from "./reading";
import { StateBadge, TallyBars, titleOf, TypeBadge, Until } from "./showing";
import { standing } from "./tally";
import { timeline } from "./timeline";
import type { ProposalJson } from "./types";
import { choiceText, VotingCard } from "./voting";

/** One proposal: what it is, what it does, how it stands, and one's own vote. */
export function ProposalPage({ proposalId }: { proposalId: string }): JSX.Element {
  const live = useProposal(proposalId);
  const proposal = live.data;
  if (!proposal && live.error)
    return (
      <Page title={t("parliament-proposal")}>
        {live.error.reason === "PROPOSAL_NOT_FOUND" || live.error.reason === "INVALID_FIELD" ? (
          <EmptyState title={t("parliament-unknown")} action={<ButtonLink href="/parliament" kind="primary">{t("parliament-all")}</ButtonLink>} />
        ) : (
          <ErrorState error={live.error} retry={live.reload} />
        )}
      </Page>
    );
  if (!proposal) return <Page title={t("parliament-proposal")}><Skeleton lines={8} /></Page>;
  return (
    <Page title={titleOf(proposal)} lead={<Link href="/parliament">{t("parliament-all")}</Link>} actions={<StateBadge proposal={proposal} />}>
      {live.error && <ErrorLine error={live.error} retry={live.reload} />}
      <div class="parliament-grid">
        <div class="parliament-main">
          <Text proposal={proposal} />
          <Card title={t("parliament-effect")}><Effect proposal={proposal} /></Card>
          <Result proposal={proposal} />
          <Ballots proposal={proposal} />
        </div>
        <div class="parliament-side">
          <VotingCard proposal={proposal} live={live} />
          <Stations proposal={proposal} />
          <Terms proposal={proposal} live={live} />
        </div>
      </div>
    </Page>
  );
}

function Text({ proposal }: { proposal: ProposalJson }): JSX.Element {
  return (
    <Card>
      <p class="proposal-notes"><TypeBadge proposal={proposal} /> <PersonName personId={proposal.proposerId} /> <span class="soft"><Time at={proposal.createTime} /></span></p>
      {proposal.body ? <p class="proposal-body">{proposal.body}</p> : <p class="soft">{t(proposal.title ? "parliament-no-body" : "parliament-erased-hint")}</p>}
      {proposal.vetoReason && (
        <div class="veto">
          <strong>{t("parliament-veto-reason")}</strong>
          <p class="proposal-body">{proposal.vetoReason}</p>
        </div>
      )}
      {proposal.failureReason && (
        <div class="veto">
          <strong>{t("parliament-failure-reason")}</strong>
          <p>{errorText(new ApiError({ reason: proposal.failureReason }))}</p>
        </div>
      )}
    </Card>
  );
}

function Result({ proposal }: { proposal: ProposalJson }): JSX.Element {
  const now = standing(proposal);
  if (!proposal.rules) return <Card title={t("parliament-tally")}><p class="soft">{t("parliament-tally-later")}</p></Card>;
  return (
    <Card title={t("parliament-tally")}>
      <TallyBars proposal={proposal} />
      {proposal.state === "STATE_VOTING" && <p class={now.passing ? "good" : "soft"}><strong>{t(now.passing ? "parliament-would-pass" : now.quorumMet ? "parliament-would-fail" : "parliament-would-expire")}</strong></p>}
    </Card>
  );
}

function Stations({ proposal }: { proposal: ProposalJson }): JSX.Element {
  return (
    <Card title={t("parliament-timeline")}>
      <ol class="stations">
        {timeline(proposal).map(({ station, standing: stand, time }) => (
          <li key={station} class={`station station-${stand}`} aria-current={stand === "now" ? "step" : undefined}>
            <strong>{station === "ended" ? t(`parliament-state-${(proposal.state ?? "").replace("STATE_", "").toLowerCase().replace("_", "-")}`) : t(`parliament-station-${station}`)}</strong>
            <small>
              {stand === "skipped" && t("parliament-skipped")}
              {stand !== "skipped" && <Time at={time} full />}
              {stand === "now" && <> · {t("parliament-in")} <Until time={time} /></>}
            </small>
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** The deposit, the vote's rules, and taking it back. */
function Terms({ proposal, live }: { proposal: ProposalJson; live: LiveProposal }): JSX.Element {
  const id = proposal.proposalId ?? "";
  const { rules } = proposal;
  const intention = useIntention<string, ProposalJson>({
    perform: async (_, requestId) => (await post<WithdrawProposalResponseJson>(path`/v1/proposals/${id}:withdraw`, { requestId }, { requestId })).proposal ?? {},
    onDone: () => live.reload(),
  });
  const open = proposal.state === "STATE_DISCUSSION" || proposal.state === "STATE_VOTING";
  const mine = proposal.proposerId !== undefined && proposal.proposerId === me.value?.personId;
  const deposit = <Amount value={proposal.deposit} asset="BRONZE" />;
  return (
    <Card title={t("parliament-terms")}>
      <Facts
        facts={[
          [t("parliament-deposit"), deposit],
          Boolean(proposal.endTime) && [t("parliament-deposit-end"), t(proposal.depositBurned ? "parliament-deposit-burned" : "parliament-deposit-back")],
          proposal.escrow !== undefined && proposal.escrow !== "0" && [t("parliament-escrow"), <Amount value={proposal.escrow} asset="BRONZE" />],
          rules !== undefined && [t("parliament-quorum"), formatPercent((rules.quorumBps ?? 0) / 10_000)],
          rules !== undefined && [t("parliament-threshold"), formatPercent((rules.thresholdBps ?? 0) / 10_000)],
        ]}
      />
      {mine && open && <Button disabled={app.value.maintenance === true} onClick={() => intention.ask(id)}>{t("parliament-withdraw")}</Button>}
      <IntentionSheet
        intention={intention}
        title={t("parliament-withdraw-title")}
        confirm={t("parliament-withdraw")}
        doneTitle={t("parliament-withdrawn-title")}
        danger
        preview={() => (
          <>
            <p class="outcome-line">«{titleOf(proposal)}»</p>
            <p class="soft">{t("parliament-withdraw-hint")}</p>
          </>
        )}
        outcome={() => <p class="outcome-line">{t("parliament-deposit-back")}: {deposit}</p>}
      />
    </Card>
  );
}

function Ballots({ proposal }: { proposal: ProposalJson }): JSX.Element | null {
  if (!proposal.rules) return null;
  return (
    <Card class="ballots-card">
      <details class="ballots">
        <summary><h2>{t("parliament-ballots")}</h2></summary>
        <p class="soft">{t("parliament-ballots-hint")}</p>
        <BallotList proposalId={proposal.proposalId ?? ""} />
      </details>
    </Card>
  );
}

function BallotList({ proposalId }: { proposalId: string }): JSX.Element {
  const ballots = useBallots(proposalId);
  return (
    <List pages={ballots} keyOf={(ballot) => ballot.personId ?? ""} empty={<p class="soft">{t("parliament-no-ballots")}</p>}>
      {(ballot) => (
        <div class="ballot">
          <PersonName personId={ballot.personId} /> <strong class={ballot.choice === "CHOICE_YES" ? "good" : ballot.choice === "CHOICE_NO" ? "bad" : "soft"}>{choiceText(ballot.choice)}</strong> <small><Time at={ballot.castTime} /></small>
        </div>
      )}
    </List>
  );
}
