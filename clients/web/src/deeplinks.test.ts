import { expect, test } from "vitest";
import { payParameter, payPath, referralOf, routeOf } from "@/deeplinks";

const ID = "w5q2z6t60tvtr181";

test.each([
  ["pay-halice", "/pay/alice"],
  ["pay-halice_b-125", "/pay/alice_b?minor=125"],
  ["pay-halice-125-BRONZE", "/pay/alice?minor=125"],
  ["pay-halice-5-IRON", "/pay/alice?minor=5&asset=IRON"],
  [`pay-p${ID}`, `/pay/~${ID}`],
  [`pay-p${ID}-9223372036854775807`, `/pay/~${ID}?minor=9223372036854775807`],
  ["queue-BRONZE-small", "/queues/BRONZE/small"],
  [`proposal-${ID}`, `/parliament/${ID}`],
  [`request-${ID}`, "/wallet/requests"],
  ["market", "/market"],
  ["receipt-0190a1b2-0000-7000-8000-000000000000", "/receipt/0190a1b2-0000-7000-8000-000000000000"],
])("%s leads to %s", (parameter, route) => expect(routeOf(parameter)).toBe(route));

test.each([
  "", "ref-k3x9k3x9k3", "link-k3x9k3x9k3", "pay-", "pay-alice", "pay-h1x", "pay-ha/../b", "pay-halice-0", "pay-halice-1.5", "pay-halice-IRON", "proposal-<b>",
  "javascript:alert(1)", "//evil", "queue-BRONZE-", "queue-bronze-small",
])("%s leads nowhere", (parameter) => expect(routeOf(parameter)).toBeUndefined());

test("a referral's code is found", () => {
  expect(referralOf("ref-k3x9k3x9k3")).toBe("k3x9k3x9k3");
  expect(referralOf("pay-halice")).toBeUndefined();
});

test("what is written leads to whom it names", () => {
  expect(payParameter({ handle: "alice", personId: ID }, 125n)).toBe("pay-halice-125");
  expect(payParameter({ handle: "", personId: ID })).toBe(`pay-p${ID}`);
  expect(routeOf(payParameter({ handle: "alice" }, 125n))).toBe(payPath("alice", { minor: 125n }));
});
