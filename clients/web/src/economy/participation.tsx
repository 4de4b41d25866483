import type { JSX } from "preact";
import { get } from "@/api";
import { Loaded } from "@/components";
import type { GetParticipationResponseJson } from "@/contracts/ticketonomics/statistics/v1/statistics_service_pb";
import { formatInteger, formatPercent, t } from "@/i18n";
import { useResource } from "@/resources";
import { Section } from "@/economy/section";

/** How tier queues are played, and how the Parliament works. */
export function Participation(): JSX.Element {
  const resource = useResource("participation", (signal) => get<GetParticipationResponseJson>("/v1/statistics/participation", {}, { signal }), { everyMs: 30_000 });
  const { queues = {}, parliament = {} } = resource.data ?? {};
  return (
    <Section title={t("economy-participation")} lead={t("economy-participation-lead")} file="participation" rows={resource.data ? [{ ...queues, ...parliament }] : []}>
      <Loaded resource={resource} lines={5}>
        {() => (
          <>
            <h3>{t("economy-queues")}</h3>
            <dl class="tiles">
              {([
                ["economy-rounds-finished", queues.finishedRounds],
                ["economy-rounds-expired", queues.expiredRounds],
                ["economy-entries", queues.entries],
                ["economy-waiting", queues.waitingPlayers],
              ] as const).map(([name, value]) => <Tile key={name} name={t(name)} value={formatInteger(BigInt(value ?? 0))} />)}
            </dl>
            <h3>{t("economy-parliament")}</h3>
            <dl class="tiles">
              {([
                ["economy-discussed", parliament.discussedProposals],
                ["economy-voted", parliament.votedProposals],
                ["economy-passed", parliament.passedProposals],
                ["economy-ended-votes", parliament.endedVotes],
              ] as const).map(([name, value]) => <Tile key={name} name={t(name)} value={formatInteger(value ?? 0)} />)}
              <Tile name={t("economy-turnout")} value={parliament.endedVotes ? formatPercent((parliament.turnoutBps ?? 0) / 10_000) : "—"} />
            </dl>
          </>
        )}
      </Loaded>
    </Section>
  );
}

export function Tile({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
