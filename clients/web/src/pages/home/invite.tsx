import type { JSX } from "preact";
import { post } from "@/api";
import { Button, Card } from "@/components";
import { toast } from "@/components/notices";
import type { CreateReferralCodeResponseJson } from "@/contracts/ticketonomics/rewards/v1/rewards_service_pb";
import { readCooldowns } from "@/cooldowns";
import { errorText, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { useResource } from "@/resources";
import { app } from "@/session";
import { share } from "@/telegram";

/** A link that brings friends along. It leads to the bot, where newcomers begin. */
export function Invite({ personId }: { personId: string }): JSX.Element | null {
  const { botUsername } = app.value;
  const cooldowns = useResource(`cooldowns ${personId}`, (signal) => readCooldowns(personId, signal), { lasting: true });
  const code = useIntention<null, CreateReferralCodeResponseJson>({
    perform: (_, requestId) => post("/v1/rewards/referralCode", {}, { requestId }),
    onDone: ({ code: made }) => {
      code.close();
      if (made) void send(made);
    },
  });

  async function send(made: string): Promise<void> {
    const outcome = await share(`https://t.me/${botUsername}?start=ref-${made}`, t("home-invite-text"));
    if (outcome === "copied") toast(t("copied"), "good");
  }

  if (!botUsername) return null;
  const known = cooldowns.data?.referralCode;
  const phase = code.phase.value;
  return (
    <Card title={t("home-invite")}>
      <p>{t("home-invite-how")}</p>
      {phase.name === "failed" && <p class="bad">{errorText(phase.error)}</p>}
      <div class="between">
        <span class="soft">{t("home-invited", { count: Number(cooldowns.data?.referredCount ?? 0) })}</span>
        <Button busy={code.busy} onClick={() => void (known ? send(known) : code.perform(null))}>{t("home-invite-share")}</Button>
      </div>
    </Card>
  );
}
