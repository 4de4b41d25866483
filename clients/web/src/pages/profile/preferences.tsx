import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Card, ErrorLine, LanguageChoice, Loaded, Switch } from "@/components";
import { toast } from "@/components/notices";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { NOTIFICATIONS, readWishes, writeWishes, type Wishes } from "@/preferences";
import { useResource } from "@/resources";
import { app, me } from "@/session";

/** Language, and what the bot tells of by itself. */
export function Preferences(): JSX.Element {
  const personId = me.value?.personId ?? "";
  const wishes = useResource(`wishes ${personId}`, (signal) => readWishes(personId, signal));
  /** What was saved last, until it is read again: the next change is made of it, not of what was before. */
  const [saved, setSaved] = useState<Wishes>();
  const queued = useRef<Wishes>();
  const change = useIntention<Wishes, Wishes>({
    perform: (wanted, requestId) => writeWishes(personId, wanted, requestId),
    onDone: (now) => {
      change.close();
      setSaved(now);
      toast(t("saved"), "good");
      const next = queued.current;
      queued.current = undefined;
      if (next) void change.perform(next);
    },
  });
  useEffect(() => setSaved(undefined), [wishes.data]);
  const phase = change.phase.value;
  const busy = change.busy || app.value.maintenance === true;
  const current = phase.name === "busy" || phase.name === "failed" ? phase.input : (saved ?? wishes.data);
  const set = (changed: Partial<Wishes>): void => {
    if (!current) return;
    const wanted = { ...current, ...changed };
    if (phase.name === "failed") change.close();
    if (phase.name === "busy") queued.current = wanted;
    else void change.perform(wanted);
  };

  return (
    <Card title={t("preferences-title")}>
      <div class="stack">
        <div class="field">
          <span class="field-label">{t("language")}</span>
          {/* This browser has the language at once; other programs learn of it where they can. */}
          <LanguageChoice onChosen={(wanted) => set({ language: wanted })} />
        </div>
        {phase.name === "failed" && <ErrorLine error={phase.error} retry={() => void change.confirm()} />}
        <Loaded resource={wishes} lines={6}>
          {(found) => {
            // What is being saved is shown already, so that the switch stays where it was put.
            const { muted } = current ?? found;
            return (
              <fieldset class="notifications">
                <legend>{t("preferences-notifications")}</legend>
                {NOTIFICATIONS.map((one) => (
                  <Switch
                    key={one}
                    label={t(`${one.toLowerCase().replaceAll("_", "-")}`)}
                    checked={!muted.includes(one)}
                    disabled={busy}
                    onChange={(told) => set({ muted: told ? muted.filter((other) => other !== one) : [...muted, one] })}
                  />
                ))}
              </fieldset>
            );
          }}
        </Loaded>
      </div>
    </Card>
  );
}
