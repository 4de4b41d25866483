import type { JSX } from "preact";
import type { PageProps } from "@/router";
import { Market } from "./market/list";
import { Pool } from "./market/pool";

/** All pools, or one of them. Another pool is another page: nothing of the one before stays. */
export default function MarketPage({ params }: PageProps): JSX.Element {
  const { pool } = params;
  return pool ? <Pool key={pool} poolId={pool} /> : <Market />;
}
