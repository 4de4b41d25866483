import "@/explorer/explorer.css";
import "@/receipt/receipt.css";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, path } from "@/api";
import { Button, ButtonLink, Card, Loaded, Page, toast } from "@/components";
import type { GetReceiptResponseJson } from "@/contracts/ticketonomics/proofs/v1/proof_service_pb";
import type { ReceiptJson } from "@/contracts/ticketonomics/proofs/v1/receipt_pb";
import { download } from "@/downloads";
import { t } from "@/i18n";
import { useResource } from "@/resources";
import type { PageProps } from "@/router";
import { Entry } from "@/receipt/entry";
import { ReceiptFile } from "@/receipt/receipt-file";
import { Verification } from "@/receipt/verification";

/** A receipt, checked by the code of this page: that of a transaction, or one from a file. */
export default function ReceiptPage({ params }: PageProps): JSX.Element {
  return params["id"] ? <OfTransaction id={params["id"]} /> : <ReceiptFile />;
}

function OfTransaction({ id }: { id: string }): JSX.Element {
  const resource = useResource(`receipt-${id}`, (signal) => get<GetReceiptResponseJson>(path`/v1/receipts/${id}`, {}, { signal }), { lasting: true });
  return (
    <Page title={t("receipt-title")} lead={t("receipt-lead")}>
      <Loaded resource={resource} lines={10}>
        {({ receipt = {} }) => (
          <>
            <Entry receipt={receipt} />
            <Verification receipt={receipt} />
            <HandOn id={id} receipt={receipt} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function HandOn({ id, receipt }: { id: string; receipt: ReceiptJson }): JSX.Element {
  const [shared, setShared] = useState(false);
  const share = async (): Promise<void> => {
    const url = `${location.origin}/receipt/${id}`;
    try {
      if (navigator.share) await navigator.share({ title: t("receipt-title"), url });
      else await navigator.clipboard.writeText(url);
      setShared(true);
      if (!navigator.share) toast(t("receipt-copied"), "good");
    } catch (thrown) {
      // Whoever closes the list of ways to share has changed his mind, and needs no message.
      if (!(thrown instanceof DOMException && thrown.name === "AbortError")) toast(t("receipt-not-copied"), "bad");
    }
  };
  const save = (): void => download(`receipt-${id}.json`, `${JSON.stringify(receipt, null, 2)}\n`, "application/json");
  return (
    <Card title={t("receipt-hand-on")}>
      <p>{t("receipt-hand-on-lead")}</p>
      <div class="buttons">
        <Button kind="primary" onClick={() => void share()} pressed={shared || undefined}>{t("receipt-share")}</Button>
        <Button onClick={save}>{t("receipt-download")}</Button>
        <ButtonLink href={`/explorer/transactions/${id}`} kind="quiet">{t("receipt-to-explorer")}</ButtonLink>
        <ButtonLink href="/receipt" kind="quiet">{t("receipt-to-file")}</ButtonLink>
      </div>
    </Card>
  );
}
