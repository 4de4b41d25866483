/** Types of the contracts that the queues use, as JSON has them: what is zero or empty may be missing. */
export type { EntryJson, RoundJson } from "@/contracts/ticketonomics/queues/v1/round_pb";
export type {
  QueueStatisticsJson,
  TopPlayerJson,
} from "@/contracts/ticketonomics/queues/v1/queue_pb";
export type {
  WatchedRoundJson,
  WatchQueuesResponseJson,
} from "@/contracts/ticketonomics/queues/v1/queue_service_pb";

/** Sizes as the wire writes them, smallest first. */
export const SIZES = ["small", "medium", "large"] as const;
