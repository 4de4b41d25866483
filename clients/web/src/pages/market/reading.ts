/** What the market reads, and follows: pools, prices, candles and trades. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import { minorOf } from "@/amounts";
import { get, path, Segments } from "@/api";
import type {
  GetPoolResponseJson,
  ListPoolHistoryResponseJson,
  ListPoolsResponseJson,
  ListPositionsResponseJson,
} from "@/contracts/ticketonomics/amm/v1/amm_service_pb";
import type { GetBalanceResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type {
  GetPriceResponseJson,
  ListCandlesResponseJson,
  ListPricesResponseJson,
  ListTicksResponseJson,
} from "@/contracts/ticketonomics/prices/v1/price_service_pb";
import { ApiError } from "@/problems";
import { usePages, useResource, type Pages, type Resource } from "@/resources";
import { useStream, type StreamState } from "@/streams";
import { applyTick, mergeBars, readBar, wireInterval, type Bar, type Interval } from "./candles";
import { KEPT_TICKS, mergeTicks } from "./ticks";
import type {
  PoolEventJson,
  PoolJson,
  PositionJson,
  PriceJson,
  TickJson,
  WatchCandlesResponseJson,
  WatchPricesResponseJson,
} from "./types";

/** The name under which a pool's trades are known. */
export function instrumentOf(poolId: string): string {
  return `pools/${poolId}`;
}

export function usePools(): Pages<PoolJson> {
  return usePages(
    "pools",
    async (pageToken, signal) => {
      const query = { pageSize: 100, pageToken };
      const found = await get<ListPoolsResponseJson>("/v1/pools", query, { signal });
      return { items: found.pools, nextPageToken: found.nextPageToken };
    },
    { everyMs: 20_000 },
  );
}

export function usePool(poolId: string): Resource<PoolJson> {
  return useResource(
    `pools/${poolId}`,
    async (signal) => (await get<GetPoolResponseJson>(path`/v1/pools/${poolId}`, {}, { signal })).pool ?? {},
    { everyMs: 15_000 },
  );
}

/** The prices of all pools, by instrument. */
export function usePrices(): Resource<ReadonlyMap<string, PriceJson>> {
  return useResource(
    "prices",
    async (signal) => {
      const query = { source: "pools", pageSize: 1000 };
      const { prices } = await get<ListPricesResponseJson>("/v1/prices", query, { signal });
      return new Map((prices ?? []).map((price) => [price.instrument ?? "", price]));
    },
    { everyMs: 60_000 },
  );
}

/** A pool's price and its last day; undefined data with no error before its first trade. */
export function usePrice(poolId: string): Resource<PriceJson | null> {
  return useResource(
    `prices/${poolId}`,
    async (signal) => {
      const instrument = new Segments(instrumentOf(poolId));
      try {
        const address = path`/v1/prices/${instrument}`;
        return (await get<GetPriceResponseJson>(address, {}, { signal })).price ?? null;
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "INSTRUMENT_NOT_FOUND") return null;
        throw thrown;
      }
    },
    { everyMs: 60_000 },
  );
}

/** The newest trade of each instrument, live. */
export function useLiveTicks(instruments: readonly string[] | undefined): {
  ticks: ReadonlyMap<string, TickJson>;
  state: ReadonlySignal<StreamState>;
} {
  const [ticks, setTicks] = useState<ReadonlyMap<string, TickJson>>(new Map());
  const state = useStream<WatchPricesResponseJson>(
    "/v1/prices:watch",
    { instruments },
    {
      onMessage: ({ updates }) => {
        if (!updates?.length) return;
        setTicks((before) => {
          const after = new Map(before);
          for (const { tick } of updates) if (tick?.instrument) after.set(tick.instrument, tick);
          return after;
        });
      },
    },
  );
  return { ticks, state };
}

/** The trades of a pool: those before, and each as it happens. */
export function useTrades(poolId: string): {
  ticks: readonly TickJson[];
  known: boolean;
  error: ApiError | undefined;
  state: ReadonlySignal<StreamState>;
} {
  const instrument = instrumentOf(poolId);
  const [ticks, setTicks] = useState<readonly TickJson[]>([]);
  const counted = useRef(0n);
  const before = useResource(
    `ticks/${poolId}`,
    async (signal) => {
      const address = path`/v1/ticks/${new Segments(instrument)}`;
      try {
        const query = { pageSize: KEPT_TICKS };
        return (await get<ListTicksResponseJson>(address, query, { signal })).ticks ?? [];
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "INSTRUMENT_NOT_FOUND") return [];
        throw thrown;
      }
    },
    { lasting: true },
  );
  useEffect(() => {
    if (before.data) setTicks((known) => mergeTicks(known, before.data!));
  }, [before.data]);
  const state = useStream<WatchPricesResponseJson>(
    "/v1/prices:watch",
    { instruments: [instrument] },
    {
      onMessage: ({ updates }) => {
        if (!updates?.length) return;
        setTicks((known) => mergeTicks(known, updates.flatMap(({ tick }) => tick ?? [])));
        // A step of more than one says that trades were left out: they are read.
        const first = BigInt(updates[0]!.tradeCount ?? "0");
        if (counted.current !== 0n && first > counted.current + 1n) before.reload();
        counted.current = BigInt(updates.at(-1)!.tradeCount ?? "0");
      },
      onResync: before.reload,
    },
  );
  return { ticks, known: before.data !== undefined, error: before.error, state };
}

// As many candles as a wide screen shows, and some to scroll to.
const SNAPSHOT = 300;

export interface Candles {
  bars: readonly Bar[];
  /** Whether the first candles have come. */
  known: boolean;
  state: ReadonlySignal<StreamState>;
  /** Reads what is left of the oldest candle. */
  older: () => void;
}

/** The candles of a pool in an interval: live, with older ones when they are looked for. */
export function useCandles(poolId: string, interval: Interval, ticks: readonly TickJson[]): Candles {
  const instrument = instrumentOf(poolId);
  const [bars, setBars] = useState<readonly Bar[]>([]);
  const [known, setKnown] = useState(false);
  const oldest = useRef<{ reading: boolean; reached: boolean }>({ reading: false, reached: false });
  const state = useStream<WatchCandlesResponseJson>(
    "/v1/candles:watch",
    { instrument, interval: wireInterval(interval), snapshotSize: SNAPSHOT },
    {
      onMessage: ({ candles, snapshot }) => {
        setKnown(true);
        const fresh = (candles ?? []).map(readBar);
        setBars((before) => {
          // A snapshot that does not reach back to what is known leaves a gap: begin anew.
          const gap = snapshot && before.length > 0 && (fresh[0]?.time ?? 0) > before.at(-1)!.time;
          if (gap) oldest.current.reached = false;
          return mergeBars(gap ? [] : before, fresh);
        });
      },
    },
  );
  useEffect(() => {
    // Before the candles are there, a single trade would look like the whole history.
    if (!known) return;
    setBars((before) => ticks.reduceRight((made, tick) => applyTick(made, tick, interval), before));
  }, [ticks, known]);

  async function readOlder(): Promise<void> {
    const first = bars[0];
    if (!first || oldest.current.reading || oldest.current.reached) return;
    oldest.current.reading = true;
    try {
      const query = {
        interval: wireInterval(interval),
        endTime: new Date(first.time * 1000).toISOString(),
        pageSize: SNAPSHOT,
      };
      const address = path`/v1/candles/${new Segments(instrument)}`;
      const { candles = [] } = await get<ListCandlesResponseJson>(address, query);
      oldest.current.reached = candles.length < SNAPSHOT;
      setBars((before) => mergeBars(candles.map(readBar), before));
    } catch (thrown) {
      // Asked for again by the next scroll; what is drawn stays.
      if (!(thrown instanceof ApiError)) throw thrown;
    } finally {
      oldest.current.reading = false;
    }
  }
  return { bars, known, state, older: () => void readOlder() };
}

// A line needs some points; so many are an hour of minutes, or a day and more of hours.
const LINE_LEAST = 6;
const LINE_POINTS = 60;

/** Closes for a small line: of the last hours, or in a young pool of the last minutes. Empty before the first trade. */
export function useDayLine(poolId: string): Resource<readonly number[]> {
  return useResource(
    `day/${poolId}`,
    async (signal) => {
      const address = path`/v1/candles/${new Segments(instrumentOf(poolId))}`;
      const closes = async (interval: Interval, pageSize: number): Promise<number[]> => {
        const query = { interval: wireInterval(interval), fillGaps: true, pageSize };
        const { candles } = await get<ListCandlesResponseJson>(address, query, { signal });
        return (candles ?? []).map((candle) => Number(candle.close)).reverse();
      };
      try {
        const hours = await closes("HOUR", 24);
        return hours.length >= LINE_LEAST ? hours : await closes("MINUTE", LINE_POINTS);
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "INSTRUMENT_NOT_FOUND") return [];
        throw thrown;
      }
    },
    { everyMs: 300_000, lasting: true },
  );
}

export function usePoolHistory(poolId: string): Pages<PoolEventJson> {
  return usePages(`history/${poolId}`, async (pageToken, signal) => {
    const query = { pageSize: 25, pageToken };
    const address = path`/v1/pools/${poolId}/history`;
    const found = await get<ListPoolHistoryResponseJson>(address, query, { signal });
    return { items: found.events, nextPageToken: found.nextPageToken };
  });
}

/** What the account has in pools. */
export function usePositions(account: string): Resource<PositionJson[]> {
  return useResource(account ? `positions/${account}` : null, async (signal) => {
    const query = { account, pageSize: 1000 };
    try {
      return (await get<ListPositionsResponseJson>("/v1/positions", query, { signal })).positions ?? [];
    } catch (thrown) {
      // Somebody who never received anything has no account yet.
      if (thrown instanceof ApiError && thrown.reason === "ACCOUNT_NOT_FOUND") return [];
      throw thrown;
    }
  });
}

/** What somebody can spend of an asset; undefined data for nobody, and until it is known. */
export function useAvailable(account: string, asset: string): Resource<bigint> {
  return useResource(
    account && asset ? `available/${account}/${asset}` : null,
    async (signal) => {
      const address = path`/v1/balances/${asset}/${new Segments(account)}`;
      try {
        const { balance } = await get<GetBalanceResponseJson>(address, {}, { signal });
        return minorOf(balance?.available);
      } catch (thrown) {
        // Somebody who never received anything has no account yet.
        if (thrown instanceof ApiError && thrown.reason === "ACCOUNT_NOT_FOUND") return 0n;
        throw thrown;
      }
    },
    { everyMs: 30_000 },
  );
}
