import type { JSX } from "preact";
import { get, path } from "@/api";
import { amountText } from "@/assets";
import { Card, Loaded } from "@/components";
import type { GetActivePeopleResponseJson, GetVelocityResponseJson } from "@/contracts/ticketonomics/statistics/v1/statistics_service_pb";
import { Participation, Tile } from "@/economy/participation";
import { dayText, type Scope } from "@/economy/scope";
import { Supply } from "@/economy/supply";
import { formatInteger, language, t } from "@/i18n";
import { useResource, type Resource } from "@/resources";

/** What one looks at first: who takes part, how much there is, how it moves. */
export function Overview({ people, scope, days }: { people: Resource<GetActivePeopleResponseJson>; scope: Scope; days: string }): JSX.Element {
  return (
    <>
      <Card title={t("economy-people")}>
        <Loaded resource={people} lines={2}>
          {(found) => (
            <dl class="tiles">
              <Tile name={t("economy-today")} value={formatInteger(found.dayCount ?? 0)} />
              <Tile name={t("economy-week")} value={formatInteger(found.weekCount ?? 0)} />
              <Tile name={t("economy-month")} value={formatInteger(found.monthCount ?? 0)} />
            </dl>
          )}
        </Loaded>
      </Card>
      <Supply {...scope} />
      <Velocity asset={scope.asset} days={days} />
      <Participation />
    </>
  );
}

/** How often what there is changed hands. */
function Velocity({ asset, days }: { asset: string; days: string }): JSX.Element {
  const resource = useResource(`velocity-${asset}-${days}`, (signal) => get<GetVelocityResponseJson>(path`/v1/statistics/velocity/${asset}`, { days }, { signal }), { everyMs: 60_000 });
  const times = (milli: string | undefined): string => new Intl.NumberFormat(language.value, { maximumFractionDigits: 3 }).format(Number(milli ?? "0") / 1000);
  return (
    <Card title={t("economy-velocity")}>
      <p class="note">{t("economy-velocity-lead")}</p>
      <Loaded resource={resource} lines={3}>
        {(found) => (
          <>
            <dl class="tiles">
              <Tile name={t("economy-velocity-times")} value={t("economy-times", { times: times(found.velocityMilli) })} />
              <Tile name={t("economy-volume")} value={amountText(found.volume, asset)} />
              <Tile name={t("economy-mean-supply")} value={amountText(found.meanSupply, asset)} />
            </dl>
            {found.startDay && <p class="note">{t("economy-from-to", { first: dayText(found.startDay), last: dayText(found.endDay) })}</p>}
          </>
        )}
      </Loaded>
    </Card>
  );
}
