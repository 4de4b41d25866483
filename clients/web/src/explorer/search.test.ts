import { describe, expect, it } from "vitest";
import { readSearch } from "@/explorer/search";

const ID = "0190a5d0-ac96-7000-bcce-b302099a8057";

describe("a search", () => {
  it.each([
    [ID, { kind: "transaction", id: ID }],
    [`  ${ID.toUpperCase()} `, { kind: "transaction", id: ID }],
    [ID.replaceAll("-", ""), { kind: "transaction", id: ID }],
    ["7", { kind: "block", height: "7" }],
    ["#1,234", { kind: "block", height: "1234" }],
    ["1 234", { kind: "block", height: "1234" }],
    ["007", { kind: "block", height: "7" }],
    ["orgs/guild/treasury", { kind: "account", address: "orgs/guild/treasury" }],
    ["Users/7K3M9Q2X4T6V8W1Z", { kind: "account", address: "users/7k3m9q2x4t6v8w1z" }],
    ["7k3m9q2x4t6v8w1z", { kind: "account", address: "users/7k3m9q2x4t6v8w1z" }],
    ["@Ann_1", { kind: "handle", handle: "ann_1" }],
    ["ann", { kind: "handle", handle: "ann" }],
    ["BRONZE", { kind: "asset", code: "BRONZE" }],
    ["LP-3", { kind: "asset", code: "LP-3" }],
  ])("for %j", (typed, found) => expect(readSearch(typed)).toEqual(found));

  it.each(["", " ", "0", "@", "@ab", "@1ab", "a b", "orgs//a", "/a", "no <script>", "9".repeat(19), "a/".repeat(9)])(
    "for %j finds nothing",
    (typed) => expect(readSearch(typed)).toBeNull(),
  );
});
