/** What the queues read, and follow: rounds, entries, figures. */
import { useCallback, useRef, useState } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import { get, path } from "@/api";
import type {
  GetQueueStatisticsResponseJson,
  GetRoundResponseJson,
  ListRoundEntriesResponseJson,
  ListRoundsResponseJson,
  ListTopPlayersResponseJson,
} from "@/contracts/ticketonomics/queues/v1/queue_service_pb";
import type { ListBalancesResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { ApiError } from "@/problems";
import { usePages, useResource, type Pages, type Resource } from "@/resources";
import { useStream, type StreamState } from "@/streams";
import { isOver, mergeBoard, outcomes, resetBoard, seatTaken, type Board, type Outcome } from "./board";
import type { EntryJson, QueueStatisticsJson, RoundJson, TopPlayerJson, WatchedRoundJson, WatchQueuesResponseJson } from "./types";

export interface LiveBoard {
  board: Board;
  /** Whether the rounds as they are have come. */
  known: boolean;
  state: ReadonlySignal<StreamState>;
  /** What became of the person's rounds and was not looked at yet, oldest first. */
  outcome: Outcome | undefined;
  seen: () => void;
  joined: (round: RoundJson, position: number) => void;
  left: (round: RoundJson) => void;
}

/** Follows all queues, or one, with the seats of a person. Another person is another board: give it a key. */
export function useBoard(me: string, queue: { tier?: string; size?: string } = {}): LiveBoard {
  const board = useRef<Board>(new Map());
  const begun = useRef(false);
  const [known, setKnown] = useState(false);
  const [waiting, setWaiting] = useState<readonly Outcome[]>([]);
  const [, setDrawn] = useState(0);

  const show = useCallback((now: Board, fresh: readonly Outcome[]): void => {
    board.current = now;
    setDrawn((drawn) => drawn + 1);
    if (fresh.length > 0) setWaiting((before) => [...before, ...fresh]);
  }, []);

  function take(told: readonly WatchedRoundJson[]): void {
    if (told.length > 0) show(mergeBoard(board.current, told), outcomes(board.current, told, me));
  }

  /** Finds out what became of a round while nobody looked. */
  async function catchUp(roundId: string): Promise<void> {
    const position = board.current.get(roundId)?.position ?? 0;
    try {
      const { round } = await get<GetRoundResponseJson>(path`/v1/rounds/${roundId}`);
      if (round) take([{ round, position }]);
    } catch (thrown) {
      // It stays in the list of one's rounds, where it is found later.
      if (!(thrown instanceof ApiError)) throw thrown;
    }
  }

  const state = useStream<WatchQueuesResponseJson>(
    "/v1/tier-games:watch",
    { ...queue, personId: me },
    {
      onMessage: ({ rounds = [] }) => {
        setKnown(true);
        if (begun.current) return take(rounds);
        begun.current = true;
        const { board: now, missed } = resetBoard(board.current, rounds);
        show(now, outcomes(board.current, rounds, me));
        missed.forEach((roundId) => void catchUp(roundId));
      },
      onResync: () => (begun.current = false),
    },
  );

  return {
    board: board.current,
    known,
    state,
    outcome: waiting[0],
    seen: () => setWaiting((before) => before.slice(1)),
    joined: (round, position) => {
      const { board: now, outcome } = seatTaken(board.current, round, position, me);
      show(now, outcome ? [outcome] : []);
    },
    left: (round) => take([{ round, position: 0 }]),
  };
}

/** A round; read again and again until it is over. */
export function useRound(roundId: string): Resource<RoundJson> {
  const [over, setOver] = useState(false);
  return useResource(
    `rounds/${roundId}`,
    async (signal) => {
      const { round = {} } = await get<GetRoundResponseJson>(path`/v1/rounds/${roundId}`, {}, { signal });
      setOver(isOver(round));
      return round;
    },
    over ? {} : { everyMs: 3_000 },
  );
}

/** Everybody in a round, in the order of joining. A round has at most 200 places: one page. */
export async function readEntries(roundId: string, signal?: AbortSignal): Promise<EntryJson[]> {
  const query = { pageSize: 1000 };
  return (await get<ListRoundEntriesResponseJson>(path`/v1/rounds/${roundId}/entries`, query, { signal })).entries ?? [];
}

/** `version` changes when somebody has joined or left. */
export function useEntries(roundId: string, version: string): Resource<EntryJson[]> {
  return useResource(roundId ? `entries/${roundId}/${version}` : null, (signal) => readEntries(roundId, signal), { lasting: true });
}

/** Rounds, newest first: of a queue, or of a person. */
export function useRounds(filter: { tier?: string; size?: string; personId?: string; state?: string }): Pages<RoundJson> {
  return usePages(`rounds/${JSON.stringify(filter)}`, async (pageToken, signal) => {
    const query = { ...filter, pageSize: 20, pageToken };
    const found = await get<ListRoundsResponseJson>("/v1/rounds", query, { signal });
    return { items: found.rounds, nextPageToken: found.nextPageToken };
  });
}

export function useQueueStatistics(tier: string, size: string): Resource<QueueStatisticsJson> {
  return useResource(
    `statistics/${tier}/${size}`,
    async (signal) => (await get<GetQueueStatisticsResponseJson>(path`/v1/tier-games/${tier}/${size}/statistics`, {}, { signal })).statistics ?? {},
    { everyMs: 60_000 },
  );
}

export function useTopPlayers(tier: string): Pages<TopPlayerJson> {
  return usePages(`top/${tier}`, async (pageToken, signal) => {
    const query = { tier, pageSize: 25, pageToken };
    const found = await get<ListTopPlayersResponseJson>("/v1/tiers/top", query, { signal });
    return { items: found.players, nextPageToken: found.nextPageToken };
  });
}

/** What somebody can spend, by asset; nothing for nobody. */
export function usePurse(account: string): Resource<ReadonlyMap<string, bigint>> {
  return useResource(
    account ? `purse/${account}` : null,
    async (signal) => {
      try {
        const { balances } = await get<ListBalancesResponseJson>("/v1/balances", { account, pageSize: 1000 }, { signal });
        return new Map((balances ?? []).map(({ asset = "", available = "0" }) => [asset, BigInt(available)]));
      } catch (thrown) {
        // Somebody who never received anything has no account yet.
        if (thrown instanceof ApiError && thrown.reason === "ACCOUNT_NOT_FOUND") return new Map();
        throw thrown;
      }
    },
    { everyMs: 30_000 },
  );
}
