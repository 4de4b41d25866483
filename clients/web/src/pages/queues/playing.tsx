import type { JSX } from "preact";
import { path, post } from "@/api";
import { Amount, Facts, IntentionSheet } from "@/components";
import type { JoinQueueResponseJson, LeaveQueueResponseJson } from "@/contracts/ticketonomics/queues/v1/queue_service_pb";
import { formatInteger, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { useRepeatable, useUnresolved } from "@/repeatable";
import { me } from "@/session";
import { isOver } from "./board";
import { keepCommitment } from "./commitments";
import { oneIn, placesLeft, randomNonce } from "./odds";
import type { LiveBoard } from "./reading";
import { QueueName } from "./showing";
import type { EntryJson, RoundJson } from "./types";

export interface Playing {
  join: (round: RoundJson) => void;
  leave: (round: RoundJson) => void;
  /** Closes the result that was looked at, and what it makes needless to say. */
  seen: () => void;
  /** What has to be on the page for either. */
  sheets: JSX.Element;
}

/** Joining and leaving rounds, each once, with what it means shown before. */
export function usePlaying(board: LiveBoard): Playing {
  const nonceOf = useRepeatable<RoundJson, string>(randomNonce);
  const unresolved = useUnresolved<RoundJson>((one, other) => one.roundId === other.roundId);
  const joining = useIntention<RoundJson, { round: RoundJson; entry: EntryJson }>({
    perform: async (asked, requestId) => {
      const body = { requestId, personId: me.value?.personId, nonce: nonceOf(requestId, asked) };
      const send = () => post<JoinQueueResponseJson>(path`/v1/tier-games/${asked.tier ?? ""}/${asked.size ?? ""}/join`, body, { requestId });
      const { round = {}, entry = {} } = await unresolved.watch(asked, send);
      return { round, entry };
    },
    onDone: ({ round, entry }) => {
      if (round.roundId && round.commitment) keepCommitment(round.roundId, round.commitment);
      board.joined(round, entry.position ?? 0);
    },
  });
  const leaving = useIntention<RoundJson, RoundJson>({
    perform: async (asked, requestId) => {
      const body = { requestId, personId: me.value?.personId };
      const answer = await post<LeaveQueueResponseJson>(path`/v1/tier-games/${asked.tier ?? ""}/${asked.size ?? ""}/leave`, body, { requestId });
      return answer.round ?? {};
    },
    onDone: (round) => board.left(round),
  });

  // When the round was drawn by joining, its result says more than that one is in.
  const decided = joining.phase.value.name === "done" && board.outcome !== undefined;
  const seen = (): void => {
    if (joining.phase.value.name === "done") joining.close();
    board.seen();
  };
  const sheets = (
    <>
      {!decided && (
        <IntentionSheet
          intention={joining}
          title={t("queues-join-title")}
          confirm={t("queues-join-confirm")}
          doneTitle={t("queues-joined-title")}
          preview={(round) => <JoinPreview round={round} />}
          outcome={({ round, entry }) => (
            <>
              <p class="outcome-line">{t("queues-joined", { place: entry.position ?? 0, places: round.places ?? 0 })}</p>
              <p class="soft">{t(isOver(round) || placesLeft(round) === 0 ? "queues-joined-full" : "queues-joined-waiting", { count: placesLeft(round) })}</p>
            </>
          )}
        />
      )}
      <IntentionSheet
        intention={leaving}
        title={t("queues-leave-title")}
        confirm={t("queues-leave-confirm")}
        doneTitle={t("queues-left-title")}
        preview={(round) => (
          <>
            <p><QueueName tier={round.tier} size={round.size} /></p>
            <Facts facts={[[t("queues-stake-back"), <Amount value={round.stake} asset={round.tier ?? ""} />]]} />
            <p class="soft">{t("queues-leave-hint")}</p>
          </>
        )}
        outcome={(round) => <p class="outcome-line">{t("queues-left")} <Amount value={round.stake} asset={round.tier ?? ""} /></p>}
      />
    </>
  );
  return { join: (round) => joining.ask(unresolved.of(round)), leave: (round) => leaving.ask(round), seen, sheets };
}

function JoinPreview({ round }: { round: RoundJson }): JSX.Element {
  return (
    <>
      <p><QueueName tier={round.tier} size={round.size} /></p>
      <Facts
        facts={[
          [t("queues-stake"), <Amount value={round.stake} asset={round.tier ?? ""} />],
          [t("queues-reward"), <Amount value={round.reward} asset={round.rewardTier ?? ""} />],
          [t("queues-odds"), t("queues-one-in", { count: oneIn(round), shown: formatInteger(oneIn(round)) })],
          [t("queues-places-left"), formatInteger(placesLeft(round))],
        ]}
      />
      <p class="soft">{t("queues-join-hint")}</p>
    </>
  );
}
