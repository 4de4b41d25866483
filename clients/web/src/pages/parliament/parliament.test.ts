import { describe, expect, it } from "vitest";
import { groupOf, mergeProposals, nextTime, proposalsOf, type Proposals } from "./proposals";
import { percent, standing } from "./tally";
import { timeline } from "./timeline";
import type { ProposalJson } from "./types";

const NONE: Proposals = new Map();
const RULES = { electorate: 100, quorumCount: 10, quorumBps: 1000, thresholdBps: 5000 };

function proposal(id: string, seen: number, more: Partial<ProposalJson> = {}): ProposalJson {
  return {
    proposalId: id,
    state: "STATE_VOTING",
    title: `About ${id}`,
    createSequence: "1",
    lastSequence: String(seen),
    ...more,
  };
}

describe("proposals", () => {
  it("are kept as their last entry left them", () => {
    let all = mergeProposals(NONE, [proposal("a", 9, { tally: { yes: 2 } })]);
    all = mergeProposals(all, [proposal("a", 8, { tally: { yes: 1 } })]);
    expect(all.get("a")?.tally?.yes).toBe(2);
    expect(mergeProposals(all, [])).toBe(all);
  });
  it("keep their texts when an answer has none, and lose them when the stream tells so", () => {
    const all = mergeProposals(NONE, [proposal("a", 9)]);
    const voted = { ...proposal("a", 10), title: "" };
    expect(mergeProposals(all, [voted], false).get("a")?.title).toBe("About a");
    expect(mergeProposals(all, [voted]).get("a")?.title).toBe("");
  });
  it("are grouped; what comes soonest is first, what ended last is first", () => {
    const all = mergeProposals(NONE, [
      proposal("late", 1, { closeTime: "2026-11-23T00:00:00Z" }),
      proposal("soon", 1, { closeTime: "2026-11-22T00:00:00Z" }),
      proposal("old", 1, { state: "STATE_REJECTED", createSequence: "5" }),
      proposal("new", 1, { state: "STATE_VETOED", createSequence: "15" }),
    ]);
    expect(proposalsOf(all, "voting").map((one) => one.proposalId)).toEqual(["soon", "late"]);
    expect(proposalsOf(all, "ended").map((one) => one.proposalId)).toEqual(["new", "old"]);
    expect(groupOf({ state: "STATE_VETO_WINDOW" })).toBe("passed");
    expect(nextTime({ state: "STATE_EXECUTED", executeTime: "2026" })).toBeUndefined();
  });
});

describe("a tally", () => {
  it("passes with its quorum, and more than its threshold of those for or against", () => {
    const passing = standing({ rules: RULES, tally: { yes: 6, no: 5 } });
    expect(passing).toMatchObject({ cast: 11, quorumMet: true, thresholdMet: true, passing: true });
    expect(passing.yesShare).toBeCloseTo(6 / 11);
  });
  it("does not pass on exactly the threshold", () => {
    expect(standing({ rules: RULES, tally: { yes: 5, no: 5 } })).toMatchObject({
      quorumMet: true,
      thresholdMet: false,
      passing: false,
    });
  });
  it("counts abstentions for the quorum only", () => {
    const tally = standing({ rules: RULES, tally: { yes: 1, abstain: 9 } });
    expect(tally).toMatchObject({ quorumMet: true, thresholdMet: true, yesShare: 1 });
    expect(standing({ rules: RULES, tally: { yes: 9 } }).quorumMet).toBe(false);
  });
  it("has no lines before voting opened", () => {
    const before = standing({});
    expect(before.quorum).toBeUndefined();
    expect(before.threshold).toBeUndefined();
    expect(before.passing).toBe(false);
    expect(before.yesShare).toBeUndefined();
  });
  it("lies on a line between its ends", () => {
    expect([percent(1, 4), percent(9, 4), percent(1, 0)]).toEqual([25, 100, 0]);
  });
});

describe("a timeline", () => {
  const times = {
    createTime: "2026-11-01T00:00:00Z",
    votingTime: "2026-11-03T00:00:00Z",
    closeTime: "2026-11-08T00:00:00Z",
    executeTime: "2026-11-10T00:00:00Z",
  };
  const standings = (one: ProposalJson) => timeline(one).map((step) => step.standing);

  it("awaits the next station", () => {
    expect(standings({ ...times, state: "STATE_DISCUSSION" })).toEqual([
      "done",
      "now",
      "planned",
      "planned",
    ]);
    const voting = timeline({ ...times, state: "STATE_VOTING", openTime: "2026-11-03T01:00:00Z" });
    expect(voting.map((step) => step.standing)).toEqual(["done", "done", "now", "planned"]);
    expect(voting[1]?.time).toBe("2026-11-03T01:00:00Z");
    expect(standings({ ...times, state: "STATE_VETO_WINDOW" })[3]).toBe("now");
  });

  it("ends where it ended, and skips what it never came to", () => {
    const withdrawn = timeline({
      ...times,
      state: "STATE_WITHDRAWN",
      endTime: "2026-11-02T00:00:00Z",
    });
    expect(withdrawn.map((step) => [step.station, step.standing])).toEqual([
      ["created", "done"],
      ["voting", "skipped"],
      ["closing", "skipped"],
      ["ended", "done"],
    ]);
    expect(withdrawn[1]?.time).toBeUndefined();
    const vetoed: ProposalJson = {
      ...times,
      state: "STATE_VETOED",
      openTime: "2026-11-03T00:00:00Z",
      endTime: "2026-11-09T00:00:00Z",
    };
    expect(standings(vetoed)).toEqual(["done", "done", "done", "done"]);
    expect(standings({ ...vetoed, endTime: "2026-11-05T00:00:00Z" })[2]).toBe("skipped");
    expect(timeline({ ...times, state: "STATE_EXECUTED", endTime: "2026" })).toHaveLength(4);
  });
});
