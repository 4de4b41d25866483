import { useMemo, useRef } from "preact/hooks";
import { ApiError } from "@/problems";

/**
 * What a request carries that is random, or of the clock: made once for each request id, so that a repeat is the
 * same request to the last byte.
 */
export function useRepeatable<Input, Value>(make: (input: Input) => Value): (requestId: string, input: Input) => Value {
  const made = useRef<{ requestId: string; value: Value }>();
  return (requestId, input) => {
    if (made.current?.requestId !== requestId) made.current = { requestId, value: make(input) };
    return made.current.value;
  };
}

/**
 * Remembers what was asked for while nobody knows whether it happened. Who then asks for the same again repeats it,
 * though figures around it have moved meanwhile, instead of doing it twice.
 */
export class Unresolved<Input> {
  #kept: Input | undefined;

  constructor(private readonly same: (one: Input, other: Input) => boolean) {}

  /** What to ask for: the same as before if its outcome is not known, or else what is given. */
  of(input: Input): Input {
    return this.#kept !== undefined && this.same(this.#kept, input) ? this.#kept : input;
  }

  /** Does it, and takes down whether its outcome is known. */
  async watch<Output>(input: Input, perform: () => Promise<Output>): Promise<Output> {
    try {
      const output = await perform();
      this.#kept = undefined;
      return output;
    } catch (thrown) {
      this.#kept = thrown instanceof ApiError && thrown.outcomeUnknown ? input : undefined;
      throw thrown;
    }
  }
}

export function useUnresolved<Input>(same: (one: Input, other: Input) => boolean): Unresolved<Input> {
  return useMemo(() => new Unresolved(same), []);
}
