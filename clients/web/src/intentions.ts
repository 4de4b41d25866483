import { signal, type ReadonlySignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { newRequestId } from "@/api";
import { ApiError } from "@/problems";
import { touch } from "@/resources";
import { haptic } from "@/telegram";

/**
 * - `idle`: nothing is meant.
 * - `asking`: what will happen is shown, and a confirmation awaited.
 * - `busy`: it was sent.
 * - `failed`: it was refused, or nobody knows; `retry` asks again with the same request id.
 * - `done`: it happened; shown until it is closed.
 */
export type Phase<Input, Output> =
  | { name: "idle" }
  | { name: "asking"; input: Input }
  | { name: "busy"; input: Input }
  | { name: "failed"; input: Input; error: ApiError }
  | { name: "done"; input: Input; output: Output };

export interface IntentionOptions<Input, Output> {
  /** Does it. Called again with the same id when it is retried. */
  perform: (input: Input, requestId: string) => Promise<Output>;
  /** Called exactly once for an intention that happened. */
  onDone?: (output: Output, input: Input) => void;
}

/** Something that a person means to do once: one request id, from the first look to the outcome. */
export class Intention<Input, Output> {
  readonly #phase = signal<Phase<Input, Output>>({ name: "idle" });
  #requestId = "";
  /** What was left without anybody knowing whether it happened. */
  #unresolved: { about: string; requestId: string } | undefined;

  constructor(private readonly options: () => IntentionOptions<Input, Output>) {}

  get phase(): ReadonlySignal<Phase<Input, Output>> {
    return this.#phase;
  }

  get busy(): boolean {
    return this.#phase.value.name === "busy";
  }

  /** Shows what will happen. Ignored while something is under way, or its outcome is not known. */
  ask(input: Input): void {
    const { value } = this.#phase;
    if (value.name === "busy" || (value.name === "failed" && value.error.outcomeUnknown)) return;
    // The same thing again after an unknown outcome keeps its id, so that it cannot happen twice.
    const again = this.#unresolved?.about === aboutOf(input);
    this.#requestId = again && this.#unresolved ? this.#unresolved.requestId : newRequestId();
    this.#phase.value = { name: "asking", input };
  }

  /** Does what was shown. A second call while it is under way, or after it happened, does nothing. */
  async confirm(): Promise<void> {
    const { value } = this.#phase;
    if (value.name !== "asking" && value.name !== "failed") return;
    const { input } = value;
    const requestId = this.#requestId;
    this.#phase.value = { name: "busy", input };
    try {
      const output = await this.options().perform(input, requestId);
      this.#unresolved = undefined;
      this.#phase.value = { name: "done", input, output };
      haptic("success");
      touch();
      this.options().onDone?.(output, input);
    } catch (thrown) {
      const error = ApiError.from(thrown);
      this.#unresolved = error.outcomeUnknown ? { about: aboutOf(input), requestId } : undefined;
      haptic("error");
      this.#phase.value = { name: "failed", input, error };
    }
  }

  /** Asks and confirms at once, for what needs no confirmation, such as a daily claim. */
  async perform(input: Input): Promise<void> {
    this.ask(input);
    await this.confirm();
  }

  /** Leaves it, or closes its outcome. What is under way cannot be left. */
  close(): void {
    if (this.#phase.value.name !== "busy") this.#phase.value = { name: "idle" };
  }
}

function aboutOf(input: unknown): string {
  return JSON.stringify(input, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)) ?? "";
}

/** An intention that lives as long as the component. */
export function useIntention<Input, Output>(options: IntentionOptions<Input, Output>): Intention<Input, Output> {
  const latest = useRef(options);
  latest.current = options;
  return useMemo(() => new Intention<Input, Output>(() => latest.current), []);
}
