import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api";
import { Quoter, type QuoteState } from "./quoter";

describe("a quoter", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Answers by hand, so that a test decides what comes when. */
  function quoter() {
    const told: QuoteState<string>[] = [];
    const asked: { ask: string; signal: AbortSignal; answer: (quote: string) => void; refuse: (e: Error) => void }[] = [];
    const made = new Quoter<string, string>(
      (ask, signal) =>
        new Promise((answer, refuse) => void asked.push({ ask, signal, answer, refuse })),
      (state) => void told.push(state),
    );
    return { made, told, asked };
  }

  it("asks once somebody has stopped typing", async () => {
    const { made, told, asked } = quoter();
    for (const typed of ["1", "12", "123"]) {
      made.ask(typed);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked.map((one) => one.ask)).toEqual(["123"]);
    asked[0]!.answer("906");
    await vi.advanceTimersByTimeAsync(0);
    expect(told.at(-1)).toEqual({ kind: "ready", quote: "906" });
  });

  it("does not show the answer to an older question", async () => {
    const { made, told, asked } = quoter();
    made.ask("1");
    await vi.advanceTimersByTimeAsync(200);
    made.ask("2");
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.answer("old");
    await vi.advanceTimersByTimeAsync(200);
    asked[1]!.answer("new");
    await vi.advanceTimersByTimeAsync(0);
    expect(told.filter((state) => state.kind === "ready")).toEqual([{ kind: "ready", quote: "new" }]);
  });

  it("renews in a busy pool at a bounded rate, without starving", async () => {
    const { made, asked } = quoter();
    made.ask("1");
    for (let passed = 0; passed < 5_000; passed += 50) {
      made.renew();
      await vi.advanceTimersByTimeAsync(50);
      asked.at(-1)?.answer("x");
    }
    expect(asked.length).toBeGreaterThanOrEqual(5);
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  it("renews once more when the pool moved while it asked", async () => {
    const { made, told, asked } = quoter();
    made.ask("1");
    await vi.advanceTimersByTimeAsync(200);
    made.renew();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveLength(1);
    asked[0]!.answer("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(2);
    expect(told.at(-1)).toEqual({ kind: "asking", last: "a" });
  });

  it("tells a refusal, and tries again only if that may help", async () => {
    const { made, told, asked } = quoter();
    made.ask("1");
    await vi.advanceTimersByTimeAsync(200);
    asked[0]!.refuse(new ApiError({ status: 409, reason: "POOL_PAUSED" }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told.at(-1)).toMatchObject({ kind: "refused" });
    expect(asked).toHaveLength(1);
    made.ask("2");
    await vi.advanceTimersByTimeAsync(200);
    asked[1]!.refuse(ApiError.local("OFFLINE"));
    await vi.advanceTimersByTimeAsync(3_100);
    expect(asked).toHaveLength(3);
  });

  it("asks nothing for no question, and after it was closed", async () => {
    const { made, told, asked } = quoter();
    made.ask("1");
    made.ask(undefined);
    made.renew();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.at(-1)).toEqual({ kind: "idle" });
    made.ask("1");
    made.close();
    made.renew();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveLength(0);
  });
});
