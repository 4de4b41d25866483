import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useSearchParams } from "wouter-preact";
import { editableAmount } from "@/amounts";
import { assets, decimalsOf, isTier } from "@/assets";
import { Choice, Page, Skeleton } from "@/components";
import { t } from "@/i18n";
import { Receive } from "@/pages/pay/receive";
import { Send } from "@/pages/pay/send";
import { Ask } from "@/pages/pay/ask";
import "@/pages/pay/pay.css";
import type { PageProps } from "@/router";

type Mode = "send" | "ask" | "receive";

/** Minor units of a link as somebody would type them. */
function typedOf(minor: string, asset: string): string {
  return /^[1-9][0-9]{0,18}$/.test(minor) ? editableAmount(minor, decimalsOf(asset)) : "";
}

/** Paying, asking to be paid, and showing the code by which others pay. */
export default function Pay({ params }: PageProps): JSX.Element {
  const [search] = useSearchParams();
  const wanted = search.get("mode");
  const [mode, setMode] = useState<Mode>(wanted === "ask" || wanted === "receive" ? wanted : "send");
  const asset = (search.get("asset") ?? "BRONZE").toUpperCase();
  const minor = search.get("minor") ?? "";
  // What minor units are of an asset is known as soon as the assets are read.
  if (minor && !isTier(asset) && !assets.value.size) return <Page title={t("pay-title")}><Skeleton lines={5} /></Page>;
  const first = { handle: params["handle"] ?? "", amount: search.get("amount") ?? typedOf(minor, asset), asset, memo: search.get("memo") ?? "" };
  return (
    <Page title={t("pay-title")}>
      <div class="pay">
        <Choice
          label={t("pay-title")}
          value={mode}
          onChange={setMode}
          options={[
            { value: "send", label: t("pay-send") },
            { value: "ask", label: t("pay-ask") },
            { value: "receive", label: t("pay-receive") },
          ]}
        />
        {mode === "send" && <Send first={first} />}
        {mode === "ask" && <Ask first={first} />}
        {mode === "receive" && <Receive />}
      </div>
    </Page>
  );
}
