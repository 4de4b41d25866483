import { get, newRequestId, path, post } from "@/api";
import type { CooldownJson, EnergyJson, SourceJson } from "@/contracts/ticketonomics/rewards/v1/reward_pb";
import type { GetCooldownsResponseJson, TapResponseJson } from "@/contracts/ticketonomics/rewards/v1/rewards_service_pb";
import { ApiError } from "@/problems";

export interface Cooldowns extends GetCooldownsResponseJson {
  /** How much this browser's clock is ahead of the ledger's, in milliseconds. */
  aheadMs: number;
}

export async function readCooldowns(personId: string, signal: AbortSignal): Promise<Cooldowns> {
  const answer = await get<GetCooldownsResponseJson>(path`/v1/people/${personId}/cooldowns`, {}, { signal });
  return { ...answer, aheadMs: Date.now() - Date.parse(answer.readTime ?? new Date().toISOString()) };
}

export function cooldownOf(cooldowns: Cooldowns, source: SourceJson): CooldownJson {
  return (cooldowns.cooldowns ?? []).find((one) => one.source === source) ?? {};
}

/** A time of the ledger by this browser's clock. */
export function localTime(time: string | undefined, { aheadMs }: Cooldowns): string | undefined {
  return time ? new Date(Date.parse(time) + aheadMs).toISOString() : undefined;
}

/** Taps that count now: what there was when it was read, and what has come back since. */
export function energyNow(energy: EnergyJson, readTime: string | undefined, aheadMs: number, now: number = Date.now()): number {
  const hours = Math.max(0, now - aheadMs - Date.parse(readTime ?? "")) / 3_600_000;
  const grown = (energy.now ?? 0) + Math.floor(hours * (energy.regenerationPerHour ?? 0));
  return Math.min(grown || 0, energy.capacity ?? 0);
}

export interface TapEvents {
  /** Taps that wait, or are under way. */
  onPending: (count: number) => void;
  onPaid: (answer: TapResponseJson) => void;
  onRefused: (error: ApiError) => void;
}

const GATHER_MS = 900;
const AGAIN_MS = 2_000;

/** Gathers taps and sends them in batches; a batch whose answer was lost is sent again with the same id. */
export class TapSender {
  #gathered = 0;
  #batch: { count: number; requestId: string } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly events: TapEvents,
    private readonly send = (count: number, requestId: string) => post<TapResponseJson>("/v1/rewards/taps", { count }, { requestId }),
  ) {}

  get pending(): number {
    return this.#gathered + (this.#batch?.count ?? 0);
  }

  tap(): void {
    this.#gathered += 1;
    this.events.onPending(this.pending);
    if (!this.#batch) this.#timer ??= setTimeout(() => void this.#flush(), GATHER_MS);
  }

  /** Sends what was gathered, and nothing afterwards. */
  close(): void {
    this.#closed = true;
    if (!this.#batch) void this.#flush();
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#batch) {
      if (!this.#gathered) return;
      this.#batch = { count: this.#gathered, requestId: newRequestId() };
      this.#gathered = 0;
    }
    const { count, requestId } = this.#batch;
    try {
      const answer = await this.send(count, requestId);
      this.#batch = undefined;
      this.events.onPaid(answer);
    } catch (thrown) {
      const error = ApiError.from(thrown);
      if (error.passing && !this.#closed) {
        this.#timer = setTimeout(() => void this.#flush(), (error.retryAfterSeconds ?? 0) * 1000 || AGAIN_MS);
        return;
      }
      // Refused: further taps of this moment would be, too.
      this.#batch = undefined;
      this.#gathered = 0;
      this.events.onRefused(error);
    }
    this.events.onPending(this.pending);
    if (this.#gathered) this.#timer ??= setTimeout(() => void this.#flush(), GATHER_MS);
  }
}
