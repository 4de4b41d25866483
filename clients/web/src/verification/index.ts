export { verifyDraw, type DrawnEntry, type DrawnRound } from "./draws";
export { TRANSACTION_KINDS } from "./kinds";
export { readReceipt } from "./messages";
export { verifyHead, verifyHeader, verifyReceipt, type Pinned } from "./receipts";
export type { Check, Step, Verdict } from "./steps";
