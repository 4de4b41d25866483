export { verifyDraw, type DrawnEntry, type DrawnRound } from "./draws";
export { verifyHead, verifyReceipt, type Pinned } from "./receipts";
export type { Check, Step, Verdict } from "./steps";
