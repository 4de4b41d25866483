import type { JSX } from "preact";
import { path, post } from "@/api";
import { Button, Card, Countdown, ErrorLine, Facts, IntentionSheet, Sheet, Time } from "@/components";
import { toast } from "@/components/notices";
import type { CreateLinkCodeResponseJson, UnlinkIdentityResponseJson } from "@/contracts/ticketonomics/identity/v1/identity_service_pb";
import type { LinkedIdentityJson } from "@/contracts/ticketonomics/identity/v1/person_pb";
import { has, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { app, me, refreshMe } from "@/session";

/** Where else I am known, and a code by which one more place learns it. */
export function Identities(): JSX.Element {
  const personId = me.value?.personId ?? "";
  const linked = me.value?.linkedIdentities ?? [];
  const code = useIntention<null, CreateLinkCodeResponseJson>({
    perform: (_, requestId) => post(path`/v1/people/${personId}:createLinkCode`, {}, { requestId }),
  });
  const unlink = useIntention<LinkedIdentityJson, UnlinkIdentityResponseJson>({
    perform: ({ provider, subject }, requestId) => post(path`/v1/people/${personId}:unlinkIdentity`, { provider, subject }, { requestId }),
    onDone: () => void refreshMe(),
  });
  const phase = code.phase.value;
  return (
    <Card title={t("identities-title")} actions={<Button size="small" busy={code.busy} disabled={app.value.maintenance} onClick={() => void code.perform(null)}>{t("identities-link")}</Button>}>
      <p class="soft">{t("identities-what")}</p>
      {phase.name === "failed" && <ErrorLine error={phase.error} retry={() => void code.confirm()} />}
      <ul class="list">
        {linked.map((identity) => (
          <li key={`${identity.provider} ${identity.subject}`} class="item">
            <span>
              <strong>{providerName(identity.provider)}</strong>
              <span class="item-note">{identity.subject} · <Time at={identity.linkTime} full /></span>
            </span>
            {linked.length > 1 && <Button size="small" disabled={app.value.maintenance} onClick={() => unlink.ask(identity)}>{t("identities-unlink")}</Button>}
          </li>
        ))}
      </ul>
      {phase.name === "done" && <CodeSheet answer={phase.output} onClose={() => code.close()} />}
      <IntentionSheet
        intention={unlink}
        title={t("identities-unlink-title")}
        confirm={t("identities-unlink")}
        danger
        preview={(identity) => (
          <>
            <Facts facts={[[providerName(identity.provider), identity.subject]]} />
            <p class="sheet-note">{t("identities-unlink-note")}</p>
          </>
        )}
        outcome={() => <p class="outcome-line">{t("identities-unlinked")}</p>}
      />
    </Card>
  );
}

function CodeSheet({ answer: { code, expireTime }, onClose }: { answer: CreateLinkCodeResponseJson; onClose: () => void }): JSX.Element {
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(code ?? "");
    toast(t("copied"), "good");
  }
  return (
    <Sheet title={t("identities-code")} onClose={onClose}>
      {code ? (
        <>
          <p class="link-code">{code}</p>
          <p>{t("identities-code-how", { code })}</p>
          <p class="soft">{t("identities-code-left")} <Countdown to={expireTime} /></p>
          <div class="sheet-actions">
            <Button onClick={() => void copy()}>{t("copy")}</Button>
            <Button kind="primary" onClick={onClose}>{t("close")}</Button>
          </div>
        </>
      ) : (
        <p>{t("identities-code-again")}</p>
      )}
    </Sheet>
  );
}

function providerName(provider = ""): string {
  const id = `provider-${provider}`;
  return has(id) ? t(id) : provider;
}
