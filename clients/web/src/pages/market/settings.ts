/** How somebody trades: kept in this browser, since it is a habit and not a secret. */
import { signal } from "@preact/signals";

export interface TradingSettings {
  /** How much worse than the quote is still welcome, in basis points. */
  slippageBps: number;
  /** After so long, a swap does not happen any more. */
  deadlineSeconds: number;
}

export const SLIPPAGES = [10, 50, 100, 300] as const;
export const DEADLINES = [60, 300, 1_200] as const;

const STORED = "ticketonomics.trading";
const USUAL: TradingSettings = { slippageBps: 50, deadlineSeconds: 300 };

export const trading = signal<TradingSettings>(stored());

export function setTrading(change: Partial<TradingSettings>): void {
  trading.value = { ...trading.value, ...change };
  try {
    localStorage.setItem(STORED, JSON.stringify(trading.value));
  } catch {
    // A browser that keeps nothing: it holds until the page is closed.
  }
}

/** Only what can be chosen is believed: the store belongs to the browser, and may hold anything. */
function stored(): TradingSettings {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Partial<TradingSettings>;
    return {
      slippageBps: one(SLIPPAGES, found.slippageBps) ?? USUAL.slippageBps,
      deadlineSeconds: one(DEADLINES, found.deadlineSeconds) ?? USUAL.deadlineSeconds,
    };
  } catch {
    return USUAL;
  }
}

function one(choices: readonly number[], value: number | undefined): number | undefined {
  return choices.find((choice) => choice === value);
}
