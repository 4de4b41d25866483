import qrcode from "qrcode-generator";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { AmountField, Button, ButtonLink, Card, readAmount } from "@/components";
import { toast } from "@/components/notices";
import { payParameter, payPath } from "@/deeplinks";
import { t } from "@/i18n";
import type { Someone } from "@/people";
import { app, me } from "@/session";
import { insideTelegram, share } from "@/telegram";

/** My code: whoever scans it sees a filled form to pay me. */
export function Receive(): JSX.Element {
  const [typed, setTyped] = useState("");
  const person = me.value ?? {};
  const parsed = readAmount(typed, "BRONZE");
  const link = linkOf(person, "minor" in parsed ? parsed.minor : undefined);

  async function send(): Promise<void> {
    if ((await share(link, t("receive-text"))) === "copied") toast(t("copied"), "good");
  }

  return (
    <Card ticket title={person.handle ? `@${person.handle}` : t("receive-title")}>
      <div class="stack receive">
        <Code text={link} />
        <p class="soft">{t("receive-how")}</p>
        <AmountField label={t("receive-amount")} asset="BRONZE" value={typed} onInput={setTyped} />
        <code class="receive-link">{link}</code>
        <Button kind="primary" size="wide" onClick={() => void send()}>{t("share")}</Button>
        {!person.handle && <ButtonLink href="/profile">{t("receive-no-handle")}</ButtonLink>}
      </div>
    </Card>
  );
}

/** Where there is a bot, inside Telegram, a link that opens this app there; elsewhere one to this site. */
function linkOf(person: Someone, minor: bigint | undefined): string {
  const { botUsername } = app.value;
  if (insideTelegram() && botUsername) return `https://t.me/${botUsername}?startapp=${payParameter(person, minor)}`;
  return location.origin + payPath(person.handle || `~${person.personId ?? ""}`, { minor });
}

/** A QR code as one path. Always dark on light, which every camera reads. */
function Code({ text }: { text: string }): JSX.Element {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let drawn = "";
    for (let row = 0; row < count; row += 1)
      for (let column = 0; column < count; column += 1) if (code.isDark(row, column)) drawn += `M${column} ${row}h1v1h-1z`;
    return { size: count, path: drawn };
  }, [text]);
  return (
    <svg class="code" viewBox={`-3 -3 ${size + 6} ${size + 6}`} role="img" aria-label={t("receive-code", { link: text })} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
