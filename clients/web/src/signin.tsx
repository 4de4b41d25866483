import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, EmptyState, ErrorLine, Field, Loaded, Page } from "@/components";
import { toast } from "@/components/notices";
import { errorText, t } from "@/i18n";
import { ApiError } from "@/problems";
import { useResource } from "@/resources";
import { app, listCitizens, signInAsCitizen, signInError, startSession, type Citizen } from "@/session";
import { insideTelegram } from "@/telegram";

const SHOWN = 30;

/** How to become somebody here: the bot, or in a development economy, a simulated citizen. */
export function SignIn(): JSX.Element {
  const { botUsername, devLogin } = app.value;
  const error = signInError.value;
  return (
    <Page title={t("signin-title")} lead={t("signin-lead")}>
      {error && <ErrorLine error={error} retry={() => void startSession()} />}
      {insideTelegram() ? (
        <Card ticket title={t("signin-telegram")}>
          <p>{t("signin-again")}</p>
        </Card>
      ) : (
        <Card ticket title={t("signin-telegram")}>
          {botUsername ? (
            <>
              <p>{t("signin-telegram-how", { bot: `@${botUsername}` })}</p>
              <a class="button button-primary" href={`https://t.me/${botUsername}?startapp`} rel="noopener">
                <span class="button-text">{t("signin-open", { bot: `@${botUsername}` })}</span>
              </a>
            </>
          ) : (
            <p>{t("signin-no-bot")}</p>
          )}
        </Card>
      )}
      {devLogin && <Citizens />}
    </Page>
  );
}

function Citizens(): JSX.Element {
  const citizens = useResource("citizens", listCitizens, { lasting: true });
  const [wanted, setWanted] = useState("");
  const [busy, setBusy] = useState("");

  async function enter({ personId }: Citizen): Promise<void> {
    setBusy(personId);
    try {
      await signInAsCitizen(personId);
    } catch (thrown) {
      toast(errorText(ApiError.from(thrown)), "bad");
    } finally {
      setBusy("");
    }
  }

  return (
    <Card title={t("signin-citizens")}>
      <p class="soft">{t("signin-citizens-how")}</p>
      <Field label={t("signin-search")} type="search" value={wanted} onInput={setWanted} />
      <Loaded resource={citizens}>
        {(all) => {
          const found = all.filter((citizen) => matches(citizen, wanted));
          if (!found.length) return <EmptyState title={t("signin-nobody")} />;
          return (
            <ul class="citizens">
              {found.slice(0, SHOWN).map((citizen) => (
                <li key={citizen.personId}>
                  <Button size="wide" busy={busy === citizen.personId} disabled={busy !== "" && busy !== citizen.personId} onClick={() => void enter(citizen)}>
                    {citizen.displayName || citizen.personId}
                    {citizen.handle && <small>@{citizen.handle}</small>}
                  </Button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}

function matches({ personId, displayName = "", handle = "" }: Citizen, wanted: string): boolean {
  const sought = wanted.trim().replace(/^@/, "").toLowerCase();
  return [personId, displayName, handle].some((text) => text.toLowerCase().includes(sought));
}
