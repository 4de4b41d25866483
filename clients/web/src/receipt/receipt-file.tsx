import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, Page } from "@/components";
import type { ReceiptJson } from "@/contracts/ticketonomics/proofs/v1/receipt_pb";
import { t } from "@/i18n";
import { readReceipt } from "@/verification";
import { Entry } from "@/receipt/entry";
import { Verification } from "@/receipt/verification";

const MOST_BYTES = 1 << 20;

/** Verifies a receipt that somebody was given as a file. It is read here, and sent nowhere. */
export function ReceiptFile(): JSX.Element {
  const [receipt, setReceipt] = useState<ReceiptJson>();
  const [problem, setProblem] = useState("");
  const open = async (file: File | undefined): Promise<void> => {
    setReceipt(undefined);
    setProblem("");
    if (!file) return;
    const read = await readFile(file);
    if (read) setReceipt(read);
    else setProblem(t("receipt-file-unreadable"));
  };
  return (
    <Page title={t("receipt-file-title")} lead={t("receipt-file-lead")}>
      <Card title={t("receipt-file")}>
        <label class="file">
          <span>{t("receipt-file-choose")}</span>
          <input type="file" accept="application/json,.json" onChange={(event) => void open(event.currentTarget.files?.[0])} />
        </label>
        {problem && <p class="error-line" role="alert">{problem}</p>}
      </Card>
      {receipt && (
        <>
          <Verification receipt={receipt} />
          <Entry receipt={receipt} />
        </>
      )}
    </Page>
  );
}

/** The receipt in a file; undefined for what is not written as one. What it is worth is verified after that. */
async function readFile(file: File): Promise<ReceiptJson | undefined> {
  if (file.size > MOST_BYTES) return undefined;
  try {
    const content: unknown = JSON.parse(await file.text());
    readReceipt(content);
    return content as ReceiptJson;
  } catch {
    return undefined;
  }
}
