import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, path, post } from "@/api";
import { amountText } from "@/assets";
import { AccountName, Amount, Button, ButtonLink, Card, Choice, EmptyState, Facts, IntentionSheet, List, Time } from "@/components";
import type { PaymentRequestJson } from "@/contracts/ticketonomics/payments/v1/payment_request_pb";
import type { AcceptPaymentRequestResponseJson, ListPaymentRequestsResponseJson } from "@/contracts/ticketonomics/payments/v1/payment_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { accountName } from "@/people";
import { usePages, useResource } from "@/resources";
import { app, myAccount } from "@/session";

type Direction = "DIRECTION_INCOMING" | "DIRECTION_OUTGOING";
type Act = "accept" | "decline" | "cancel";

const PAGE = 30;
const MOST_COUNTED = 20;
const COUNT_EVERY_MS = 60_000;

/** How many requests wait for me, for the tab. */
export function useOpenRequests(): number | undefined {
  const account = myAccount.value;
  const open = useResource(
    `open requests ${account}`,
    (signal) => get<ListPaymentRequestsResponseJson>("/v1/paymentRequests", { account, direction: "DIRECTION_INCOMING", state: "STATE_OPEN", pageSize: MOST_COUNTED }, { signal }),
    { everyMs: COUNT_EVERY_MS },
  );
  return open.data?.paymentRequests?.length;
}

/** Requests to pay: those that I got, and those that I made. */
export function Requests(): JSX.Element {
  const account = myAccount.value;
  const [direction, setDirection] = useState<Direction>("DIRECTION_INCOMING");
  const pages = usePages<PaymentRequestJson>(`requests ${account} ${direction}`, async (pageToken, signal) => {
    const page = await get<ListPaymentRequestsResponseJson>("/v1/paymentRequests", { account, direction, pageSize: PAGE, pageToken }, { signal });
    return { items: page.paymentRequests, nextPageToken: page.nextPageToken };
  });
  const act = useIntention<{ act: Act; request: PaymentRequestJson }, AcceptPaymentRequestResponseJson>({
    perform: ({ act: done, request }, requestId) => post(path`/v1/paymentRequests/${request.paymentRequestId ?? ""}` + `:${done}`, {}, { requestId }),
  });

  return (
    <Card title={t("wallet-requests")} actions={<ButtonLink href="/pay?mode=ask" size="small">{t("requests-new")}</ButtonLink>}>
      <Choice
        label={t("wallet-requests")}
        value={direction}
        onChange={setDirection}
        options={[
          { value: "DIRECTION_INCOMING", label: t("requests-in") },
          { value: "DIRECTION_OUTGOING", label: t("requests-out") },
        ]}
      />
      <List pages={pages} keyOf={({ paymentRequestId }) => paymentRequestId ?? ""} empty={<EmptyState title={t(direction === "DIRECTION_INCOMING" ? "requests-none-in" : "requests-none-out")} />}>
        {(request) => <Request request={request} incoming={direction === "DIRECTION_INCOMING"} ask={(wanted) => act.ask({ act: wanted, request })} />}
      </List>
      <ActSheet act={act} />
    </Card>
  );
}

function Request({ request, incoming, ask }: { request: PaymentRequestJson; incoming: boolean; ask: (act: Act) => void }): JSX.Element {
  const open = request.state === "STATE_OPEN";
  return (
    <div class="entry">
      <div class="between">
        <span>
          <strong><AccountName address={incoming ? request.payee : request.payer} /></strong>
          <span class="item-memo">{request.memo}</span>
        </span>
        <strong><Amount value={request.amount} asset={request.asset ?? ""} /></strong>
      </div>
      <div class="between">
        <span class="item-note">
          {open ? <>{t("requests-until")} <Time at={request.expireTime} /></> : <>{t(`request-${stateOf(request)}`)} · <Time at={request.closeTime} /></>}
        </span>
        {open && (
          <span class="row">
            {incoming ? (
              <>
                <Button size="small" onClick={() => ask("decline")}>{t("request-decline")}</Button>
                <Button size="small" kind="primary" disabled={app.value.maintenance} onClick={() => ask("accept")}>{t("request-accept")}</Button>
              </>
            ) : (
              <Button size="small" onClick={() => ask("cancel")}>{t("request-cancel")}</Button>
            )}
          </span>
        )}
      </div>
    </div>
  );
}

function ActSheet({ act }: { act: ReturnType<typeof useIntention<{ act: Act; request: PaymentRequestJson }, AcceptPaymentRequestResponseJson>> }): JSX.Element | null {
  const phase = act.phase.value;
  if (phase.name === "idle") return null;
  const { act: kind } = phase.input;
  return (
    <IntentionSheet
      intention={act}
      title={t(`request-${kind}-title`)}
      confirm={t(`request-${kind}`)}
      danger={kind !== "accept"}
      preview={({ request }) => (
        <>
          <Facts
            facts={[
              [t(kind === "cancel" ? "pay-from" : "pay-to"), accountName((kind === "cancel" ? request.payer : request.payee) ?? "")],
              [t("pay-amount"), <Amount value={request.amount} asset={request.asset ?? ""} />],
              request.memo ? [t("pay-memo"), request.memo] : null,
            ]}
          />
          {kind === "accept" && <p class="sheet-note">{t("pay-final")}</p>}
        </>
      )}
      outcome={({ paymentRequest }, { act: done, request }) => (
        <>
          <p class="outcome-line">{t(`request-${done}-done`, { amount: amountText(request.amount, request.asset ?? ""), asset: request.asset ?? "" })}</p>
          {paymentRequest?.transactionSequence && done === "accept" && <p class="soft">{t("request-paid-entry", { sequence: paymentRequest.transactionSequence })}</p>}
        </>
      )}
    />
  );
}

function stateOf({ state = "STATE_OPEN" }: PaymentRequestJson): string {
  return state.replace("STATE_", "").toLowerCase();
}
