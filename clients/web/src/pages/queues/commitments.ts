/**
 * The commitments of rounds that somebody joined here, kept in this browser: with what was promised before the
 * draw, checking it rests on nothing that is said afterwards.
 */
const STORED = "ticketonomics.commitments";
const KEPT = 200;

export function keepCommitment(roundId: string, commitment: string): void {
  const kept = stored().filter(([known]) => known !== roundId);
  try {
    localStorage.setItem(STORED, JSON.stringify([...kept, [roundId, commitment]].slice(-KEPT)));
  } catch {
    // A browser that keeps nothing: the check then takes the commitment that the server tells.
  }
}

export function keptCommitment(roundId: string): string | undefined {
  return stored().find(([known]) => known === roundId)?.[1];
}

function stored(): [string, string][] {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? "[]") as unknown;
    return Array.isArray(found) ? found.filter(isPair) : [];
  } catch {
    return [];
  }
}

function isPair(one: unknown): one is [string, string] {
  return Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "string");
}
