import { describe, expect, it } from "vitest";
import { ApiError } from "@/problems";
import { Unresolved } from "@/repeatable";

interface Trade {
  amount: number;
  quote: number;
}

describe("what nobody knows the outcome of", () => {
  const lost = ApiError.local("TIMEOUT");
  const refused = new ApiError({ status: 409, reason: "LIMIT_NOT_MET" });
  const first = { amount: 5, quote: 10 };
  const later = { amount: 5, quote: 11 };
  const made = () => new Unresolved<Trade>((one, other) => one.amount === other.amount);
  const fail = (error: ApiError) => () => Promise.reject(error);

  it("is repeated as it was, though the figures around it have moved", async () => {
    const unresolved = made();
    await expect(unresolved.watch(first, fail(lost))).rejects.toBe(lost);
    expect(unresolved.of(later)).toBe(first);
    expect(unresolved.of({ amount: 6, quote: 10 }).amount).toBe(6);
    await unresolved.watch(first, () => Promise.resolve());
    expect(unresolved.of(later)).toBe(later);
  });

  it("is not what was refused, or what happened", async () => {
    const unresolved = made();
    await expect(unresolved.watch(first, fail(refused))).rejects.toBe(refused);
    expect(unresolved.of(later)).toBe(later);
    await unresolved.watch(first, () => Promise.resolve());
    expect(unresolved.of(later)).toBe(later);
  });
});
