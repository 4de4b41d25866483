import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { Button, ButtonLink, Card, EmptyState, ErrorLine, ErrorState, Page, PersonName, Skeleton, Time } from "@/components";
import { t } from "@/i18n";
import { me } from "@/session";
import { Eligibility } from "./eligibility";
import "./parliament.css";
import { GROUPS, nextTime, proposalsOf, type Group } from "./proposals";
import { useEligibility, useProposals } from "./reading";
import { StateBadge, TallyBars, titleOf, TypeBadge, Until } from "./showing";
import type { ProposalJson } from "./types";

/** All proposals by where they are, live, and whether one may vote. */
export function ParliamentPage(): JSX.Element {
  const { proposals, pages } = useProposals();
  const nothing = proposals.size === 0;
  return (
    <Page title={t("parliament-title")} lead={t("parliament-lead")} actions={me.value && <ButtonLink href="/parliament/new" kind="primary">{t("parliament-propose")}</ButtonLink>}>
      <div class="parliament-grid">
        <div class="stack">
          {nothing && pages.error && <ErrorState error={pages.error} retry={pages.reload} />}
          {nothing && !pages.error && pages.loading && <Card><Skeleton lines={6} /></Card>}
          {nothing && !pages.error && !pages.loading && <EmptyState title={t("parliament-empty")} hint={t("parliament-empty-hint")} />}
          {!nothing && pages.error && <ErrorLine error={pages.error} retry={pages.reload} />}
          {GROUPS.map((group) => <Section key={group} group={group} proposals={proposalsOf(proposals, group)} />)}
          {pages.hasMore && (
            <div class="list-more"><Button busy={pages.loading} onClick={pages.more}>{t("more")}</Button></div>
          )}
        </div>
        <MyVote />
      </div>
    </Page>
  );
}

function Section({ group, proposals }: { group: Group; proposals: readonly ProposalJson[] }): JSX.Element | null {
  if (proposals.length === 0) return null;
  return (
    <Card title={<span>{t(`parliament-group-${group}`)} {group !== "ended" && <span class="count">{proposals.length}</span>}</span>}>
      <ul class="list">
        {proposals.map((proposal) => <li key={proposal.proposalId}><Row proposal={proposal} /></li>)}
      </ul>
    </Card>
  );
}

function Row({ proposal }: { proposal: ProposalJson }): JSX.Element {
  const next = nextTime(proposal);
  return (
    <article class="proposal-row">
      <h3><Link href={`/parliament/${proposal.proposalId}`}>{titleOf(proposal)}</Link></h3>
      <p class="proposal-notes">
        <StateBadge proposal={proposal} /> <TypeBadge proposal={proposal} /> <PersonName personId={proposal.proposerId} plain />
        {next ? <span class="soft">{t(`parliament-next-${proposal.state === "STATE_DISCUSSION" ? "voting" : proposal.state === "STATE_VOTING" ? "closing" : "executing"}`)} <Until time={next} /></span> : <span class="soft"><Time at={proposal.endTime} /></span>}
      </p>
      {proposal.state === "STATE_VOTING" && <TallyBars proposal={proposal} brief />}
    </article>
  );
}

function MyVote(): JSX.Element {
  const myId = me.value?.personId ?? "";
  const eligibility = useEligibility(myId);
  return (
    <Card title={t("parliament-may-i")}>
      <p class="soft">{t("parliament-one-vote")}</p>
      {myId ? <Eligibility resource={eligibility} /> : <ButtonLink href="/profile" kind="primary">{t("parliament-sign-in")}</ButtonLink>}
    </Card>
  );
}
