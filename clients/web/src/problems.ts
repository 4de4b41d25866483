/** A field that was refused, and why, in English. */
export interface Violation {
  field: string;
  description: string;
}

interface Problem {
  status?: number;
  title?: string;
  detail?: string;
  reason?: string;
  metadata?: Record<string, string>;
  violations?: Violation[];
  retryAfterSeconds?: number;
  requestId?: string;
}

/** What is to be waited for longer, such as tomorrow's claim, is no reason to try again at once. */
const MOMENT_SECONDS = 120;

/** Reasons that only a page knows: nothing came back from the gateway. */
export type LocalReason = "OFFLINE" | "TIMEOUT" | "UNREADABLE";

/** Why a call failed. `reason` is what to branch on: a value of `Reason` without prefix, or a `LocalReason`. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly metadata: Record<string, string>;
  readonly violations: Violation[];
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? problem.reason ?? "UNREADABLE");
    this.name = "ApiError";
    this.status = problem.status ?? 0;
    this.reason = problem.reason ?? "UNREADABLE";
    this.metadata = problem.metadata ?? {};
    this.violations = problem.violations ?? [];
    this.retryAfterSeconds = problem.retryAfterSeconds;
    this.requestId = problem.requestId;
  }

  /** Whether nobody knows if it happened: asking again with the same request id finds out. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** Whether the same call may succeed in a moment without anything being changed. */
  get passing(): boolean {
    return this.outcomeUnknown || (this.retryAfterSeconds !== undefined && this.retryAfterSeconds <= MOMENT_SECONDS);
  }

  static local(reason: LocalReason): ApiError {
    return new ApiError({ reason });
  }

  /** Whatever was thrown, as an ApiError; only a defect of the page is thrown on. */
  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
}

/** Reads a refusal. A proxy's page instead of a problem document is one, too: nobody was reached behind it. */
export async function problemOf(response: Response): Promise<ApiError> {
  const told = await response.json().catch(() => ({})) as Problem;
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const waiting = told.retryAfterSeconds ?? (Number.isFinite(after) ? after : undefined);
  const reason = told.reason ?? (response.status >= 502 ? "OFFLINE" : undefined);
  return new ApiError({ ...told, ...(reason ? { reason } : {}), status: response.status, retryAfterSeconds: waiting });
}
