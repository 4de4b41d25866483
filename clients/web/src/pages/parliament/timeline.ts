/** The stations of a proposal, from its making to what became of it. */
import type { ProposalJson } from "./types";

export type Station = "created" | "voting" | "closing" | "executing" | "ended";
export type Standing = "done" | "now" | "planned" | "skipped";

export interface Step {
  station: Station;
  standing: Standing;
  /** When it was, or is planned; missing where nothing is known. */
  time?: string;
}

// Of each state, how many stations lie behind: those before are done, the next one is awaited.
const BEHIND: Record<string, number> = {
  STATE_DISCUSSION: 1,
  STATE_VOTING: 2,
  STATE_VETO_WINDOW: 3,
};

/**
 * Lists the stations. Those that a proposal never came to, because it ended before, are skipped, and an end
 * that has come is told with its own time.
 */
export function timeline(proposal: ProposalJson): Step[] {
  const times: [Exclude<Station, "ended">, string | undefined][] = [
    ["created", proposal.createTime],
    ["voting", proposal.openTime ?? proposal.votingTime],
    ["closing", proposal.closeTime],
    ["executing", proposal.executeTime],
  ];
  const behind = BEHIND[proposal.state ?? ""];
  if (behind !== undefined) {
    return times.map(([station, time], at) => ({
      station,
      standing: at < behind ? "done" : at === behind ? "now" : "planned",
      ...(time ? { time } : {}),
    }));
  }
  const reached = reachedBeforeEnd(proposal);
  const steps: Step[] = times.map(([station, time], at) => ({
    station,
    standing: at < reached ? "done" : "skipped",
    ...(time && at < reached ? { time } : {}),
  }));
  // An execution is the end: told once.
  const ended = steps.filter((step) => step.station !== "executing");
  ended.push({ station: "ended", standing: "done", ...(proposal.endTime ? { time: proposal.endTime } : {}) });
  return ended;
}

function reachedBeforeEnd(proposal: ProposalJson): number {
  switch (proposal.state) {
    case "STATE_EXECUTED":
    case "STATE_FAILED":
    case "STATE_REJECTED":
    case "STATE_EXPIRED":
      return 3;
    default: {
      // Vetoed or withdrawn: it may have been at any time before.
      if (!proposal.openTime) return 1;
      const closed = Date.parse(proposal.closeTime ?? "") <= Date.parse(proposal.endTime ?? "");
      return closed ? 3 : 2;
    }
  }
}
