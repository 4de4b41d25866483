/**
 * Keeps a quote fresh: asks shortly after somebody has typed, and again when the pool has moved, but never
 * more often than a person can read, and never two at a time.
 */
import { ApiError, isAborted } from "@/api";

export type QuoteState<Q> =
  | { kind: "idle" }
  /** `last` is the quote for the same question, when it is only being renewed. */
  | { kind: "asking"; last?: Q }
  | { kind: "ready"; quote: Q }
  | { kind: "refused"; error: ApiError };

const TYPING_MS = 180;
const RENEWAL_MS = 900;
const RETRY_MS = 3_000;

export class Quoter<A, Q> {
  readonly #fetch: (ask: A, signal: AbortSignal) => Promise<Q>;
  readonly #tell: (state: QuoteState<Q>) => void;
  #ask: A | undefined;
  #last: Q | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;
  #askedAt = 0;
  #moved = false;

  constructor(
    fetch: (ask: A, signal: AbortSignal) => Promise<Q>,
    tell: (state: QuoteState<Q>) => void,
  ) {
    this.#fetch = fetch;
    this.#tell = tell;
  }

  /** Another question, or none. What was asked before does not matter any more. */
  ask(ask: A | undefined): void {
    this.#stop();
    this.#ask = ask;
    this.#last = undefined;
    this.#tell(ask === undefined ? { kind: "idle" } : { kind: "asking" });
    if (ask !== undefined) this.#later(TYPING_MS);
  }

  /** The pool has moved: the answer may be another one by now. */
  renew(): void {
    if (this.#ask === undefined) return;
    if (this.#running !== undefined) this.#moved = true;
    else if (this.#timer === undefined) {
      this.#later(Math.max(0, this.#askedAt + RENEWAL_MS - Date.now()));
    }
  }

  close(): void {
    this.#stop();
    this.#ask = undefined;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.abort();
    this.#running = undefined;
    this.#moved = false;
  }

  #later(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#go(), wait);
  }

  async #go(): Promise<void> {
    const ask = this.#ask;
    this.#timer = undefined;
    if (ask === undefined) return;
    const running = (this.#running = new AbortController());
    this.#askedAt = Date.now();
    if (this.#last !== undefined) this.#tell({ kind: "asking", last: this.#last });
    try {
      const quote = await this.#fetch(ask, running.signal);
      if (this.#running !== running) return;
      this.#last = quote;
      this.#tell({ kind: "ready", quote });
    } catch (thrown) {
      if (this.#running !== running || isAborted(thrown)) return;
      const error = ApiError.from(thrown);
      this.#last = undefined;
      this.#tell({ kind: "refused", error });
      if (error.passing) this.#later(RETRY_MS);
    } finally {
      if (this.#running === running) {
        this.#running = undefined;
        if (this.#moved && this.#timer === undefined) {
          this.#moved = false;
          this.#later(Math.max(0, this.#askedAt + RENEWAL_MS - Date.now()));
        }
      }
    }
  }
}
