import { useRef } from "preact/hooks";

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
