/** How a vote stands, in numbers and lines for a picture of it. */
import type { ProposalJson } from "./types";

export interface Standing {
  yes: number;
  no: number;
  abstain: number;
  /** Ballots together. */
  cast: number;
  /** People who may vote; 0 before voting opened. */
  electorate: number;
  /** Ballots that it needs; undefined before voting opened. */
  quorum?: number;
  quorumMet: boolean;
  /** Share of those for or against it that are for it, 0–1; undefined while nobody is either. */
  yesShare?: number;
  /** The share that must be more than met, 0–1; undefined before voting opened. */
  threshold?: number;
  thresholdMet: boolean;
  /** Whether it would pass if voting closed now. */
  passing: boolean;
}

/** Counts as the server counts when a vote closes: the threshold must be more than met. */
export function standing(proposal: ProposalJson): Standing {
  const { yes = 0, no = 0, abstain = 0 } = proposal.tally ?? {};
  const { electorate = 0, quorumCount, thresholdBps } = proposal.rules ?? {};
  const cast = yes + no + abstain;
  const known = proposal.rules !== undefined;
  const quorum = known ? (quorumCount ?? 0) : undefined;
  const quorumMet = quorum !== undefined && cast >= quorum;
  const bps = known ? (thresholdBps ?? 0) : undefined;
  const thresholdMet = bps !== undefined && yes * 10_000 > bps * (yes + no);
  return {
    yes,
    no,
    abstain,
    cast,
    electorate,
    ...(quorum === undefined ? {} : { quorum }),
    quorumMet,
    ...(yes + no > 0 ? { yesShare: yes / (yes + no) } : {}),
    ...(bps === undefined ? {} : { threshold: bps / 10_000 }),
    thresholdMet,
    passing: quorumMet && thresholdMet,
  };
}

/** Where a part of a whole lies on a line, in percent, between 0 and 100. */
export function percent(part: number, all: number): number {
  return all > 0 ? Math.min(100, Math.max(0, (part / all) * 100)) : 0;
}
