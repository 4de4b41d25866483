/** Types of the contracts that the queues use, as JSON has them, and the order of tiers and sizes. */
export type { EntryJson, RoundJson } from "@/contracts/ticketonomics/queues/v1/round_pb";
export type {
  QueueStatisticsJson,
  TopPlayerJson,
} from "@/contracts/ticketonomics/queues/v1/queue_pb";
export type {
  WatchedRoundJson,
  WatchQueuesResponseJson,
} from "@/contracts/ticketonomics/queues/v1/queue_service_pb";

export const TIERS = [
  "BRONZE",
  "SILVER",
  "GOLD",
  "EMERALD",
  "SAPPHIRE",
  "RUBY",
  "AMETHYST",
  "DIAMOND",
] as const;

export const SIZES = ["small", "medium", "large"] as const;
