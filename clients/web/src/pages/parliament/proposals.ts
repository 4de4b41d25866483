/** Proposals as a list that the stream keeps up to date, and the groups in which they are shown. */
import type { ProposalJson } from "./types";

/** Proposals by their id. */
export type Proposals = ReadonlyMap<string, ProposalJson>;

export const GROUPS = ["voting", "discussion", "passed", "ended"] as const;
export type Group = (typeof GROUPS)[number];

/** In which group a state is shown. */
export function groupOf(proposal: ProposalJson): Group {
  switch (proposal.state) {
    case "STATE_DISCUSSION":
      return "discussion";
    case "STATE_VOTING":
      return "voting";
    case "STATE_VETO_WINDOW":
      return "passed";
    default:
      return "ended";
  }
}

/**
 * Merges what a stream or a page tells: each proposal as it is by its last entry.
 *
 * CastVote answers without texts, and those never come back by themselves: texts that are known stay, unless
 * the proposal that has none is the newer one of a stream, where it means that the proposer was erased.
 */
export function mergeProposals(
  known: Proposals,
  told: readonly ProposalJson[],
  withTexts = true,
): Proposals {
  if (told.length === 0) return known;
  const merged = new Map(known);
  for (const proposal of told) {
    const id = proposal.proposalId;
    if (!id) continue;
    const before = merged.get(id);
    if (before !== undefined && seen(before) > seen(proposal)) continue;
    if (withTexts || before === undefined) merged.set(id, proposal);
    else {
      merged.set(id, { ...proposal, ...textsOf(before) });
    }
  }
  return merged;
}

function textsOf({ title, body, vetoReason }: ProposalJson): ProposalJson {
  return {
    ...(title ? { title } : {}),
    ...(body ? { body } : {}),
    ...(vetoReason ? { vetoReason } : {}),
  };
}

function seen(proposal: ProposalJson): bigint {
  return BigInt(proposal.lastSequence ?? "0");
}

/** A group's proposals: what ends soonest first while they run, the newest first once they have ended. */
export function proposalsOf(proposals: Proposals, group: Group): ProposalJson[] {
  const found = [...proposals.values()].filter((proposal) => groupOf(proposal) === group);
  const key = (proposal: ProposalJson) => Date.parse(nextTime(proposal) ?? "") || 0;
  if (group !== "ended") return found.sort((one, other) => key(one) - key(other));
  return found.sort((one, other) => (order(one) < order(other) ? 1 : -1));
}

function order(proposal: ProposalJson): bigint {
  return BigInt(proposal.createSequence ?? "0");
}

/** When something happens to it by itself next; undefined once it has ended. */
export function nextTime(proposal: ProposalJson): string | undefined {
  switch (proposal.state) {
    case "STATE_DISCUSSION":
      return proposal.votingTime;
    case "STATE_VOTING":
      return proposal.closeTime;
    case "STATE_VETO_WINDOW":
      return proposal.executeTime;
    default:
      return undefined;
  }
}
