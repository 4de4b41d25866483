// What a verification has done, one step after the other, so that a page can tell it.

/** What a step can be about; the names are those of docs/proofs.md and docs/queues.md. */
export type Check =
  | "format"
  | "leaf"
  | "transaction"
  | "text"
  | "block"
  | "log"
  | "head"
  | "key"
  | "signature"
  | "consistency"
  | "finished"
  | "commitment"
  | "entries"
  | "draw"
  | "winner";

export interface Step {
  check: Check;
  /** Whether it holds; null where there was nothing to check. */
  ok: boolean | null;
  /** What was compared, for the page's explanation of the step. */
  facts: Record<string, string>;
  /** What does not hold, in English, for whoever looks into it. */
  problem?: string;
}

export interface Verdict {
  ok: boolean;
  /** Up to the first one that does not hold. */
  steps: Step[];
}

/** Something does not hold. */
export class ProofError extends Error {}

export function refuse(problem: string): never {
  throw new ProofError(problem);
}

/** Takes down each step; after one that does not hold, none is tried. */
export class Steps {
  readonly steps: Step[] = [];

  /**
   * Tries one step, and returns what it found out.
   *
   * The step throws where it does not hold, and returns null where there is nothing to check.
   */
  try<T>(check: Check, step: () => T, facts: (found: T) => Record<string, string> | null): T {
    try {
      const found = step();
      const told = facts(found);
      this.steps.push({ check, ok: told === null ? null : true, facts: told ?? {} });
      return found;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.steps.push({ check, ok: false, facts: {}, problem });
      throw new Stopped();
    }
  }

  /** Runs the steps to their end or to the first one that does not hold. */
  verdict(run: () => void): Verdict {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return { ok: false, steps: this.steps };
    }
    return { ok: true, steps: this.steps };
  }
}

class Stopped extends Error {}
