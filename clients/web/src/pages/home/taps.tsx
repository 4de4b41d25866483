import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { minorOf } from "@/amounts";
import { amountText } from "@/assets";
import { useNow } from "@/clock";
import { Meter } from "@/components";
import { cooldownOf, energyNow, localTime, TapSender, type Cooldowns } from "@/cooldowns";
import { EarnText } from "@/pages/home/earning";
import { errorText, formatClock, t } from "@/i18n";
import type { ApiError } from "@/problems";
import { touch } from "@/resources";
import { app } from "@/session";
import { haptic } from "@/telegram";

/** The ticket to tap: taps are gathered, sent in batches, and counted by the server. */
export function Taps({ cooldowns, reload }: { cooldowns: Cooldowns; reload: () => void }): JSX.Element {
  const now = useNow(1000);
  const [pending, setPending] = useState(0);
  const [earned, setEarned] = useState(0n);
  const [refused, setRefused] = useState<ApiError>();
  /** Taps that counted after the energy was read. */
  const [counted, setCounted] = useState(0);
  useEffect(() => setCounted(0), [cooldowns.readTime]);
  const latest = useRef(reload);
  latest.current = reload;
  const sender = useMemo(() => new TapSender({
    onPending: setPending,
    onPaid: ({ reward }) => {
      const amount = minorOf(reward?.amount);
      setCounted((before) => before + (reward?.tap?.counted ?? 0));
      if (amount) {
        setEarned((before) => before + amount);
        touch();
      } else latest.current();
    },
    onRefused: (error) => {
      setRefused(error);
      latest.current();
    },
  }), []);
  useEffect(() => () => sender.close(), [sender]);

  const asset = cooldowns.asset ?? "BRONZE";
  const energy = cooldowns.energy ?? {};
  const cooldown = cooldownOf(cooldowns, "SOURCE_TAP");
  const left = Math.max(0, Math.min(energyNow(energy, cooldowns.readTime, cooldowns.aheadMs, now), cooldown.leftToday ?? 0) - pending - counted);
  const capacity = energy.capacity ?? 0;
  const full = localTime(energy.fullTime, cooldowns);

  function tap(): void {
    setRefused(undefined);
    haptic("tap");
    sender.tap();
  }

  return (
    <div class="earn earn-taps">
      <button type="button" class="tapper" disabled={left === 0 || app.value.maintenance} onClick={tap} aria-label={t("home-tap")}>
        <img src="/ticket.svg" alt="" width="64" height="64" draggable={false} />
      </button>
      <div class="earn-energy">
        <EarnText
          title={t("home-taps")}
          note={t("home-taps-rule", { taps: energy.tapsPerReward ?? 1, amount: amountText(cooldown.nextAmount, asset, { trimmed: true }) })}
        />
        <Meter value={left} most={capacity} label={t("home-energy")} text={t("home-energy-of", { left, capacity })} />
        <small>
          {t("home-energy-of", { left, capacity })}
          {full && left < capacity && ` · ${t("home-energy-full", { time: formatClock(new Date(full)) })}`}
        </small>
        <small aria-live="polite">
          {refused ? <span class="bad">{errorText(refused)}</span> : earned > 0n && <span class="good">{t("home-taps-earned", { amount: amountText(earned, asset, { signed: true, trimmed: true }) })}</span>}
        </small>
      </div>
    </div>
  );
}
