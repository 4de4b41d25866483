import type { ComponentChildren, JSX } from "preact";
import { post } from "@/api";
import { amountText } from "@/assets";
import { useNow } from "@/clock";
import { Button, Card, Countdown, IntentionSheet, Loaded, Amount } from "@/components";
import type { SourceJson } from "@/contracts/ticketonomics/rewards/v1/reward_pb";
import type { ClaimDailyResponseJson } from "@/contracts/ticketonomics/rewards/v1/rewards_service_pb";
import { cooldownOf, localTime, readCooldowns, type Cooldowns } from "@/cooldowns";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { Taps } from "@/pages/home/taps";
import { useResource } from "@/resources";
import { app } from "@/session";

const RENEW_MS = 60_000;

/** What can be earned now, and when again. */
export function Earning({ personId }: { personId: string }): JSX.Element {
  const cooldowns = useResource(`cooldowns ${personId}`, (signal) => readCooldowns(personId, signal), { everyMs: RENEW_MS });
  return (
    <Card title={t("home-now")}>
      <Loaded resource={cooldowns} lines={6}>
        {(found) => (
          <div class="earning">
            <Daily cooldowns={found} reload={cooldowns.reload} />
            <Taps cooldowns={found} reload={cooldowns.reload} />
            <Source cooldowns={found} source="SOURCE_AD" />
            <Source cooldowns={found} source="SOURCE_CHAT" />
          </div>
        )}
      </Loaded>
    </Card>
  );
}

function Daily({ cooldowns, reload }: { cooldowns: Cooldowns; reload: () => void }): JSX.Element {
  useNow(1000);
  const claim = useIntention<null, ClaimDailyResponseJson>({
    perform: (_, requestId) => post("/v1/rewards/daily:claim", {}, { requestId }),
    onDone: reload,
  });
  const cooldown = cooldownOf(cooldowns, "SOURCE_DAILY");
  const next = localTime(cooldown.nextTime, cooldowns);
  const due = isDue(next) && (cooldown.leftToday ?? 0) > 0;
  const asset = cooldowns.asset ?? "BRONZE";
  const days = cooldowns.streak?.days ?? 0;
  return (
    <div class="earn">
      <EarnText title={t("home-daily")} note={days ? t("home-streak", { days }) : t("home-streak-none")} />
      {due ? (
        <Button kind="primary" busy={claim.busy} disabled={app.value.maintenance} onClick={() => void claim.perform(null)}>
          {t("home-claim", { amount: amountText(cooldown.nextAmount, asset, { trimmed: true }) })}
        </Button>
      ) : (
        <span class="earn-wait"><Countdown to={isDue(next) ? localTime(cooldowns.dayEndTime, cooldowns) : next} /></span>
      )}
      <Streak cooldowns={cooldowns} days={days} asset={asset} />
      <ClaimOutcome claim={claim} />
    </div>
  );
}

function ClaimOutcome({ claim }: { claim: ReturnType<typeof useIntention<null, ClaimDailyResponseJson>> }): JSX.Element | null {
  const { name } = claim.phase.value;
  // A claim needs no question: only its outcome, or why there is none, is shown.
  if (name !== "done" && name !== "failed") return null;
  return (
    <IntentionSheet
      intention={claim}
      title={t("home-daily")}
      doneTitle={t("home-claimed")}
      confirm={t("home-daily")}
      preview={() => null}
      outcome={({ reward }) => (
        <>
          <p class="outcome-number"><Amount value={reward?.amount} asset={reward?.asset ?? "BRONZE"} style={{ signed: true }} /></p>
          <p class="soft">{t("home-claimed-streak", { days: reward?.daily?.streakDays ?? 1 })}</p>
        </>
      )}
    />
  );
}

/** What each day of the streak earns; the last one stays. */
function Streak({ cooldowns, days, asset }: { cooldowns: Cooldowns; days: number; asset: string }): JSX.Element | null {
  const amounts = cooldowns.streak?.amounts ?? [];
  if (amounts.length < 2) return null;
  return (
    <ol class="streak" aria-label={t("home-streak-days")}>
      {amounts.map((amount, index) => (
        <li key={index} class={index < days ? "streak-day streak-done" : "streak-day"} aria-label={t("home-streak-day", { day: index + 1, amount: amountText(amount, asset, { trimmed: true }) })}>
          {amountText(amount, asset, { trimmed: true, compact: true })}
        </li>
      ))}
    </ol>
  );
}

/** A source that is earned elsewhere: in the bot, in chats. */
function Source({ cooldowns, source }: { cooldowns: Cooldowns; source: SourceJson }): JSX.Element | null {
  useNow(1000);
  const cooldown = cooldownOf(cooldowns, source);
  const left = cooldown.leftToday ?? 0;
  if (!left && !cooldown.usedToday) return null;
  const next = localTime(cooldown.nextTime, cooldowns);
  const name = source === "SOURCE_AD" ? "home-ads" : "home-chat";
  return (
    <div class="earn">
      <EarnText title={t(name)} note={t(`${name}-left`, { left, amount: amountText(cooldown.nextAmount, cooldowns.asset ?? "BRONZE", { trimmed: true }) })} />
      <span class="earn-wait">{left ? isDue(next) ? t("home-ready") : <Countdown to={next} /> : <Countdown to={localTime(cooldowns.dayEndTime, cooldowns)} />}</span>
    </div>
  );
}

export function EarnText({ title, note }: { title: string; note: ComponentChildren }): JSX.Element {
  return (
    <span class="earn-text">
      <strong>{title}</strong>
      <small>{note}</small>
    </span>
  );
}

function isDue(time: string | undefined): boolean {
  return !time || Date.parse(time) <= Date.now();
}
