import type { JSX } from "preact";
import { amountText } from "@/assets";
import { Amount, EmptyState, Loaded } from "@/components";
import type { DepthStepJson, PoolDepthJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";
import { formatPercent, t } from "@/i18n";
import { useResource } from "@/resources";
import { readAll } from "@/economy/reading";
import { Section, Table } from "@/economy/section";

/** How much each pool takes before its price moves. */
export function Pools(): JSX.Element {
  const resource = useResource("pool-depths", (signal) => readAll<PoolDepthJson>("/v1/statistics/pools", {}, (page) => page["pools"], signal), { everyMs: 30_000 });
  const rows = (resource.data ?? []).flatMap(({ steps = [], ...pool }) => (steps.length ? steps.map((step) => ({ ...pool, ...step })) : [pool]));
  return (
    <Section title={t("economy-pools")} lead={t("economy-pools-lead")} file="pool-depths" rows={rows}>
      <Loaded resource={resource} lines={4}>
        {(pools) => (pools.length ? <>{pools.map((pool) => <Pool key={pool.poolId} pool={pool} />)}</> : <EmptyState title={t("economy-no-pools")} />)}
      </Loaded>
    </Section>
  );
}

function Pool({ pool }: { pool: PoolDepthJson }): JSX.Element {
  const { base = "", quote = "" } = pool;
  const other = (step: DepthStepJson): string => (step.assetIn === base ? quote : base);
  return (
    <div class="pool-depth">
      <h3>{pool.poolId}</h3>
      <p class="note"><Amount value={pool.baseReserve} asset={base} /> · <Amount value={pool.quoteReserve} asset={quote} /></p>
      {pool.steps?.length ? (
        <Table
          label={t("economy-pool-table", { pool: pool.poolId ?? "" })}
          rows={pool.steps}
          columns={[
            { name: t("economy-given"), value: (step) => `${amountText(step.amountIn, step.assetIn ?? "")} ${step.assetIn}` },
            { name: t("economy-received"), value: (step) => `${amountText(step.amountOut, other(step))} ${other(step)}` },
            { name: t("economy-slippage"), value: (step) => formatPercent((step.slippageBps ?? 0) / 10_000) },
          ]}
        />
      ) : (
        <p class="note">{t("economy-pool-empty")}</p>
      )}
    </div>
  );
}
