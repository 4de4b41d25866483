import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { path, post } from "@/api";
import { Button, Card, ErrorLine, Field, Switch } from "@/components";
import { toast } from "@/components/notices";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { app, me, refreshMe } from "@/session";

const HANDLE = /^[a-z][a-z0-9_]{2,31}$/;
const MOST_NAME = 32;

/** Handle, shown name, and who sees it. */
export function Names(): JSX.Element {
  return (
    <Card title={t("names-title")}>
      <div class="stack">
        <Handle />
        <DisplayName />
        <Privacy />
      </div>
    </Card>
  );
}

/** Changes one thing of the person who is signed in, and says so. */
function useChange(method: string): { change: (body: object) => void; busy: boolean; blocked: boolean; error: JSX.Element | null } {
  const intention = useIntention<object, unknown>({
    perform: (body, requestId) => post(path`/v1/people/${me.value?.personId ?? ""}` + `:${method}`, body, { requestId }),
    onDone: () => {
      intention.close();
      toast(t("saved"), "good");
      void refreshMe();
    },
  });
  const phase = intention.phase.value;
  const error = phase.name === "failed" ? <ErrorLine error={phase.error} retry={phase.error.passing ? () => void intention.confirm() : undefined} /> : null;
  // A refused value may be corrected: that is something else, with an id of its own.
  const change = (body: object): void => {
    if (phase.name === "failed") intention.close();
    void intention.perform(body);
  };
  return { change, busy: intention.busy, blocked: intention.busy || app.value.maintenance === true, error };
}

function Handle(): JSX.Element {
  const current = me.value?.handle ?? "";
  const [typed, setTyped] = useState(current);
  const { change, busy, blocked, error } = useChange("setHandle");
  const wanted = typed.trim().replace(/^@/, "").toLowerCase();
  const wrong = wanted !== "" && !HANDLE.test(wanted);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && !blocked && wanted !== current) change({ handle: wanted });
      }}
    >
      {error}
      <div class="name-line">
        <Field label={t("names-handle")} prefix="@" value={typed} onInput={setTyped} maxLength={33} hint={t("names-handle-hint")} error={wrong ? t("recipient-format") : undefined} />
        <Button type="submit" busy={busy} disabled={wrong || wanted === current || (blocked && !busy)}>{t("save")}</Button>
      </div>
    </form>
  );
}

function DisplayName(): JSX.Element {
  const current = me.value?.displayName ?? "";
  const [typed, setTyped] = useState(current);
  const { change, busy, blocked, error } = useChange("setDisplayName");
  const wanted = typed.trim();
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted && !blocked && wanted !== current) change({ displayName: wanted });
      }}
    >
      {error}
      <div class="name-line">
        <Field label={t("names-name")} value={typed} onInput={setTyped} maxLength={MOST_NAME} hint={t("names-name-hint")} />
        <Button type="submit" busy={busy} disabled={!wanted || wanted === current || (blocked && !busy)}>{t("save")}</Button>
      </div>
    </form>
  );
}

function Privacy(): JSX.Element {
  const { change, blocked, error } = useChange("setPrivacy");
  return (
    <>
      {error}
      <Switch
        label={t("names-public")}
        hint={t("names-public-hint")}
        checked={me.value?.privacy === "PRIVACY_PUBLIC"}
        disabled={blocked}
        onChange={(seen) => change({ privacy: seen ? "PRIVACY_PUBLIC" : "PRIVACY_PRIVATE" })}
      />
    </>
  );
}
