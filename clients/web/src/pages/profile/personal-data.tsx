import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, path } from "@/api";
import { Button, Card } from "@/components";
import { toast } from "@/components/notices";
import type { ExportPersonalDataResponseJson } from "@/contracts/ticketonomics/identity/v1/identity_service_pb";
import { download } from "@/downloads";
import { errorText, t } from "@/i18n";
import { ApiError } from "@/problems";
import { me, signOut } from "@/session";
import { insideTelegram } from "@/telegram";

/** Everything personal that is kept, as a file; and leaving. */
export function PersonalData(): JSX.Element {
  const [busy, setBusy] = useState<"export" | "leave" | "">("");

  async function during(what: "export" | "leave", act: () => Promise<void>): Promise<void> {
    setBusy(what);
    try {
      await act();
    } catch (thrown) {
      toast(errorText(ApiError.from(thrown)), "bad");
    } finally {
      setBusy("");
    }
  }

  async function exportAll(): Promise<void> {
    const pages: ExportPersonalDataResponseJson[] = [];
    let pageToken = "";
    do {
      const page = await get<ExportPersonalDataResponseJson>(path`/v1/people/${me.value?.personId ?? ""}:exportPersonalData`, { pageSize: 1000, pageToken });
      pages.push(page);
      pageToken = page.nextPageToken ?? "";
    } while (pageToken);
    download("ticketonomics-personal-data.json", JSON.stringify(merged(pages), null, 2), "application/json");
  }

  return (
    <Card title={t("data-title")}>
      <p class="soft">{t("data-what")}</p>
      <div class="row">
        <Button busy={busy === "export"} onClick={() => void during("export", exportAll)}>{t("data-export")}</Button>
        {!insideTelegram() && <Button kind="quiet" busy={busy === "leave"} onClick={() => void during("leave", signOut)}>{t("data-leave")}</Button>}
      </div>
    </Card>
  );
}

/** One document of all pages: lists one after the other, the rest as the last page has it. */
function merged(pages: ExportPersonalDataResponseJson[]): object {
  const whole: Record<string, unknown> = {};
  for (const { nextPageToken: _, ...page } of pages)
    for (const [name, value] of Object.entries(page))
      whole[name] = name === "texts" || name === "schedules" || name === "paymentRequests" ? [...((whole[name] as unknown[] | undefined) ?? []), ...(value as unknown[])] : value;
  return whole;
}
