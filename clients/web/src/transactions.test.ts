import { expect, test } from "vitest";
import { feeOf } from "@/assets";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { changesOf, feesOf, otherSide } from "@/transactions";

const ME = "users/aaaaaaaaaaaaaaaa";
const YOU = "users/bbbbbbbbbbbbbbbb";

const paid: TransactionJson = {
  kind: "KIND_TRANSFER",
  postings: [
    { source: ME, destination: YOU, asset: "BRONZE", amount: "10000" },
    { source: ME, destination: "system/sink", asset: "BRONZE", amount: "100" },
  ],
};
const swapped: TransactionJson = {
  kind: "KIND_SWAP",
  postings: [
    { source: ME, destination: "pools/iron", asset: "BRONZE", amount: "9223372036854775807" },
    { source: "pools/iron", destination: ME, asset: "IRON", amount: "70" },
  ],
};

test("what a transaction did to an account is its net, exactly", () => {
  expect(changesOf(paid, ME)).toEqual([["BRONZE", -10100n]]);
  expect(changesOf(paid, YOU)).toEqual([["BRONZE", 10000n]]);
  expect(changesOf(swapped, ME)).toEqual([["BRONZE", -9223372036854775807n], ["IRON", 70n]]);
  expect(changesOf({ postings: [{ source: ME, destination: YOU, asset: "A", amount: "1" }, { source: YOU, destination: ME, asset: "A", amount: "1" }] }, ME)).toEqual([]);
});

test("the other side is one account or none", () => {
  expect(otherSide(paid, ME)).toBe(YOU);
  expect(otherSide(paid, YOU)).toBe(ME);
  expect(otherSide({ postings: [...paid.postings!, { source: ME, destination: "users/cccccccccccccccc", asset: "BRONZE", amount: "1" }] }, ME)).toBeUndefined();
});

test("fees are what went to the sink in a transfer", () => {
  expect(feesOf(paid).map(({ amount }) => amount)).toEqual(["100"]);
  expect(feesOf(swapped)).toEqual([]);
});

test.each([
  [undefined, 10_000n, 0n],
  [{ feeBps: 100 }, 10_000n, 100n],
  [{ feeBps: 100 }, 10_001n, 101n],
  [{ feeBps: 100 }, 1n, 1n],
  [{ minimum: "5" }, 1n, 5n],
  [{ feeBps: 1000, maximum: "7" }, 1_000n, 7n],
  [{ feeBps: 1, minimum: "5", maximum: "7" }, 10n, 5n],
  [{ feeBps: 10000 }, 9223372036854775807n, 9223372036854775807n],
])("a fee of %o on %i is %i", (fee, amount, owed) => expect(feeOf(fee, amount)).toBe(owed));
