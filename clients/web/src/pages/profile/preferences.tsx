import type { JSX } from "preact";
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
  const change = useIntention<Wishes, Wishes>({
    perform: (wanted, requestId) => writeWishes(personId, wanted, requestId),
    onDone: () => {
      change.close();
      toast(t("saved"), "good");
    },
  });
  const phase = change.phase.value;
  const busy = change.busy || app.value.maintenance === true;
  const set = (wanted: Wishes): void => {
    if (phase.name === "failed") change.close();
    void change.perform(wanted);
  };

  return (
    <Card title={t("preferences-title")}>
      <div class="stack">
        <div class="field">
          <span class="field-label">{t("language")}</span>
          {/* This browser has the language at once; other programs learn of it where they can. */}
          <LanguageChoice onChosen={(wanted) => wishes.data && set({ ...wishes.data, language: wanted })} />
        </div>
        {phase.name === "failed" && <ErrorLine error={phase.error} retry={() => void change.confirm()} />}
        <Loaded resource={wishes} lines={6}>
          {(found) => {
            // What is being saved is shown already, so that the switch stays where it was put.
            const shown = phase.name === "busy" ? phase.input : found;
            return (
              <fieldset class="notifications">
                <legend>{t("preferences-notifications")}</legend>
                {NOTIFICATIONS.map((one) => (
                  <Switch
                    key={one}
                    label={t(`${one.toLowerCase().replaceAll("_", "-")}`)}
                    checked={!shown.muted.includes(one)}
                    disabled={busy}
                    onChange={(told) => set({ ...found, muted: told ? found.muted.filter((muted) => muted !== one) : [...found.muted, one] })}
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
