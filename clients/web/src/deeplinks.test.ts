import { expect, test } from "vitest";
import { payPath, referralOf, routeOf } from "@/deeplinks";

test.each([
  ["pay-alice", "/pay/alice"],
  ["pay_alice", "/pay/alice"],
  ["pay-alice_b-5k", "/pay/alice_b?amount=5k"],
  ["pay-alice-0.5", "/pay/alice?amount=0.5"],
  ["queue-BRONZE-SMALL", "/queues/BRONZE/SMALL"],
  ["queue_gold_large", "/queues/GOLD/LARGE"],
  ["proposal-k3x9", "/parliament/k3x9"],
  ["market", "/market"],
  ["home", "/"],
  ["receipt-0190a1b2-0000-7000-8000-000000000000", "/receipt/0190a1b2-0000-7000-8000-000000000000"],
])("%s leads to %s", (parameter, route) => expect(routeOf(parameter)).toBe(route));

test.each(["", "ref-k3x9k3x9k3", "pay-", "pay-1x", "pay-a/../b", "proposal-<b>", "javascript:alert(1)", "//evil", "queue-BRONZE-"])("%s leads nowhere", (parameter) =>
  expect(routeOf(parameter)).toBeUndefined());

test("a referral's code is found", () => {
  expect(referralOf("ref-k3x9k3x9k3")).toBe("k3x9k3x9k3");
  expect(referralOf("pay-alice")).toBeUndefined();
});

test("a path to pay keeps what was typed", () => {
  expect(payPath("alice", "5k", "BRONZE", "for pizza & tea")).toBe("/pay/alice?amount=5k&memo=for+pizza+%26+tea");
  expect(payPath("~w5q2z6t60tvtr181")).toBe("/pay/~w5q2z6t60tvtr181");
  expect(payPath("alice", undefined, "GOLD")).toBe("/pay/alice?asset=GOLD");
});
