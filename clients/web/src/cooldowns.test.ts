import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { energyNow, TapSender } from "@/cooldowns";
import { ApiError } from "@/problems";

interface Sent {
  count: number;
  requestId: string;
  resolve: () => void;
  reject: (error: ApiError) => void;
}

function tapping() {
  const sent: Sent[] = [];
  const events = { onPending: vi.fn(), onPaid: vi.fn(), onRefused: vi.fn() };
  const sender = new TapSender(events, (count, requestId) => new Promise((resolve, reject) => sent.push({ count, requestId, resolve: () => resolve({}), reject })));
  const tap = (times: number): void => {
    for (let index = 0; index < times; index += 1) sender.tap();
  };
  return { sent, events, sender, tap };
}

const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("taps are gathered into batches, and no tap is in two of them", async () => {
  const { sent, events, sender, tap } = tapping();
  tap(5);
  await seconds(1);
  tap(3);
  await seconds(5);
  expect(sent.map(({ count }) => count)).toEqual([5]);
  expect(sender.pending).toBe(8);
  sent[0]!.resolve();
  await seconds(1);
  expect(sent.map(({ count }) => count)).toEqual([5, 3]);
  sent[1]!.resolve();
  await seconds(1);
  expect(sender.pending).toBe(0);
  expect(events.onPaid).toHaveBeenCalledTimes(2);
  expect(sent[0]!.requestId).not.toBe(sent[1]!.requestId);
});

test("a batch whose answer was lost is sent again, the same with the same id", async () => {
  const { sent, events, tap } = tapping();
  tap(4);
  await seconds(1);
  tap(2);
  sent[0]!.reject(ApiError.local("TIMEOUT"));
  await seconds(3);
  expect(sent[1]).toMatchObject({ count: 4, requestId: sent[0]!.requestId });
  expect(events.onRefused).not.toHaveBeenCalled();
});

test("a limit is waited out", async () => {
  const { sent, tap } = tapping();
  tap(1);
  await seconds(1);
  sent[0]!.reject(new ApiError({ status: 429, reason: "RATE_LIMITED", retryAfterSeconds: 10 }));
  await seconds(9);
  expect(sent).toHaveLength(1);
  await seconds(2);
  expect(sent).toHaveLength(2);
});

test("a refusal ends what was gathered, and is told once", async () => {
  const { sent, events, sender, tap } = tapping();
  tap(4);
  await seconds(1);
  tap(2);
  sent[0]!.reject(new ApiError({ status: 429, reason: "REWARD_LIMIT_REACHED", retryAfterSeconds: 40_000 }));
  await seconds(60);
  expect(sent).toHaveLength(1);
  expect(sender.pending).toBe(0);
  expect(events.onPending).toHaveBeenLastCalledWith(0);
  expect(events.onRefused).toHaveBeenCalledOnce();
});

test("who leaves sends what was gathered", async () => {
  const { sent, sender, tap } = tapping();
  tap(4);
  sender.close();
  await seconds(0);
  expect(sent.map(({ count }) => count)).toEqual([4]);
});

test("energy comes back with time, up to its capacity, by the ledger's clock", () => {
  const energy = { now: 10, capacity: 100, regenerationPerHour: 3600 };
  const read = "2026-11-21T12:00:00Z";
  const at = (second: number): number => Date.parse(read) + second * 1000;
  expect(energyNow(energy, read, 0, at(0))).toBe(10);
  expect(energyNow(energy, read, 0, at(30))).toBe(40);
  expect(energyNow(energy, read, 0, at(3000))).toBe(100);
  expect(energyNow(energy, read, 60_000, at(60))).toBe(10);
  expect(energyNow(energy, read, 0, at(-100))).toBe(10);
  expect(energyNow({}, undefined, 0, at(0))).toBe(0);
});
