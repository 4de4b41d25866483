/** Types of the contracts that the market uses, as JSON has them: what is zero or empty may be missing. */
export type {
  PoolEventJson,
  PoolJson,
  PositionJson,
} from "@/contracts/ticketonomics/amm/v1/pool_pb";
export type { QuoteResponseJson } from "@/contracts/ticketonomics/amm/v1/amm_service_pb";
export type { SwapJson } from "@/contracts/ticketonomics/amm/v1/swap_pb";
export type { CandleJson } from "@/contracts/ticketonomics/prices/v1/candle_pb";
export type { PriceJson, TickJson } from "@/contracts/ticketonomics/prices/v1/price_pb";
export type {
  WatchCandlesResponseJson,
  WatchPricesResponseJson,
} from "@/contracts/ticketonomics/prices/v1/price_service_pb";

