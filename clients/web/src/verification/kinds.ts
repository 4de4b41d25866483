// Kinds of transactions, by the number that a leaf has. A test compares them with the contract.

export const TRANSACTION_KINDS: Readonly<Record<string, number>> = {
  KIND_TRANSFER: 1,
  KIND_MINT: 2,
  KIND_BURN: 3,
  KIND_IMPORTED: 4,
  KIND_MERGE: 24,
  KIND_ERASURE: 35,
  KIND_CAPTURE: 41,
  KIND_SWAP: 200,
  KIND_LIQUIDITY_ADDED: 201,
  KIND_LIQUIDITY_REMOVED: 202,
  KIND_POOL_CREATED: 203,
  KIND_QUEUE_JOINED: 210,
  KIND_QUEUE_LEFT: 211,
  KIND_QUEUE_DRAWN: 212,
  KIND_QUEUE_EXPIRED: 213,
  KIND_TICKETS_CONVERTED: 218,
  KIND_REWARD_PAID: 220,
  KIND_PROPOSAL_CREATED: 230,
  KIND_DEPOSIT_RETURNED: 231,
  KIND_DEPOSIT_BURNED: 232,
  KIND_POLICY_MINTED: 233,
  KIND_POLICY_BURNED: 234,
};

const NUMBERS = new Set(Object.values(TRANSACTION_KINDS));

/** Whether a leaf of this kind moves all that a person had, and says so by its event alone. */
export function movesEverything(kind: number): boolean {
  return kind === TRANSACTION_KINDS.KIND_MERGE || kind === TRANSACTION_KINDS.KIND_ERASURE;
}

/** Whether a leaf of this kind begins with postings. */
export function hasPostings(kind: number): boolean {
  return NUMBERS.has(kind) && !movesEverything(kind);
}

/** Whether the postings of a leaf of this kind are followed by an event. */
export function hasEvent(kind: number): boolean {
  const { KIND_IMPORTED, KIND_CAPTURE, KIND_SWAP } = TRANSACTION_KINDS;
  if (kind === KIND_IMPORTED || kind === KIND_CAPTURE) return true;
  return hasPostings(kind) && kind > KIND_SWAP!;
}
