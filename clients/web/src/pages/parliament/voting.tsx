import type { JSX } from "preact";
import { path, post } from "@/api";
import { Button, ButtonLink, Card, IntentionSheet, Time } from "@/components";
import type { CastVoteResponseJson } from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { app, me } from "@/session";
import { Eligibility } from "./eligibility";
import { useBallot, useEligibility, type LiveProposal } from "./reading";
import { idPart, titleOf } from "./showing";
import type { BallotJson, Choice, ProposalJson } from "./types";

const CHOICES = ["CHOICE_YES", "CHOICE_NO", "CHOICE_ABSTAIN"] as const;

/** One's own vote: to cast, to change, and why not where one may not. */
export function VotingCard({ proposal, live }: { proposal: ProposalJson; live: LiveProposal }): JSX.Element {
  const myId = me.value?.personId ?? "";
  const id = proposal.proposalId ?? "";
  const ballot = useBallot(id, myId);
  const eligibility = useEligibility(myId, id);
  const voting = proposal.state === "STATE_VOTING";
  const mine = ballot.data?.choice;
  const intention = useIntention<Choice, BallotJson>({
    perform: async (choice, requestId) => {
      const answer = await post<CastVoteResponseJson>(path`/v1/proposals/${id}/ballots`, { requestId, personId: myId, choice }, { requestId });
      if (answer.proposal) live.voted(answer.proposal);
      return answer.ballot ?? { choice };
    },
  });
  if (!myId)
    return (
      <Card title={t("parliament-my-vote")}>
        <p class="soft">{t("parliament-one-vote")}</p>
        <ButtonLink href="/profile" kind="primary" size="wide">{t("parliament-sign-in")}</ButtonLink>
      </Card>
    );
  return (
    <Card title={t("parliament-my-vote")}>
      {mine && (
        <p>
          {t("parliament-voted")} <strong>{choiceText(mine)}</strong> <small><Time at={ballot.data?.castTime} /></small>
        </p>
      )}
      {voting && eligibility.data?.eligible && (
        <>
          <div class="vote" role="group" aria-label={t("parliament-my-vote")}>
            {CHOICES.map((choice) => (
              <Button key={choice} kind={choice === mine ? "primary" : "secondary"} pressed={choice === mine} disabled={app.value.maintenance === true || ballot.data === undefined} onClick={() => choice !== mine && intention.ask(choice)}>
                {choiceText(choice)}
              </Button>
            ))}
          </div>
          <p class="fine">{t(mine ? "parliament-change-hint" : "parliament-vote-hint")}</p>
        </>
      )}
      {!voting && !mine && <p class="soft">{t(proposal.state === "STATE_DISCUSSION" ? "parliament-not-yet" : "parliament-over")}</p>}
      {(voting || proposal.state === "STATE_DISCUSSION") && (
        <details class="eligibility" open={eligibility.data !== undefined && !eligibility.data.eligible}>
          <summary>{t("parliament-may-i")}</summary>
          <Eligibility resource={eligibility} />
        </details>
      )}
      <IntentionSheet
        intention={intention}
        title={t(mine ? "parliament-change-title" : "parliament-vote-title")}
        confirm={t("parliament-vote-confirm")}
        doneTitle={t("parliament-vote-done")}
        preview={(choice) => (
          <>
            <p class="outcome-line">«{titleOf(proposal)}»</p>
            <p>{t("parliament-your-vote")} <strong>{choiceText(choice)}</strong></p>
            <p class="soft">{t("parliament-vote-public")}</p>
          </>
        )}
        outcome={(cast) => <p class="outcome-line">{t("parliament-voted")} <strong>{choiceText(cast.choice)}</strong></p>}
      />
    </Card>
  );
}

export function choiceText(choice: string | undefined): string {
  return t(`parliament-choice-${idPart(choice, "CHOICE_")}`);
}
