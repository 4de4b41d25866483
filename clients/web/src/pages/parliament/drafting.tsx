import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { post } from "@/api";
import { Amount, Button, Card, Choice, Facts, Field, IntentionSheet, Loaded, Page, TextArea } from "@/components";
import type { CreateProposalRequestJson, CreateProposalResponseJson } from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { app, me, myAccount } from "@/session";
import { SignIn } from "@/signin";
import { formatSpan } from "@/spans";
import { Effect } from "./effect";
import { Eligibility } from "./eligibility";
import { EventFields, PolicyFields, SettingFields, type Draft } from "./draft_fields";
import "./parliament.css";
import { useEligibility, useParameters } from "./reading";
import type { ParameterJson, ProposalJson } from "./types";

const KINDS = ["text", "parameter-change", "policy-mint", "policy-burn", "event"] as const;
export type Kind = (typeof KINDS)[number];

const TITLE_MOST = 120;
const BODY_MOST = 4_000;

type Request = Pick<CreateProposalRequestJson, "title" | "body" | "parameterChange" | "policyMint" | "policyBurn" | "event">;

/** Writing a proposal: what it says, what it does, and what it takes. */
export function Drafting(): JSX.Element {
  if (!me.value) return <SignIn />;
  return (
    <Page title={t("parliament-new")} lead={<Link href="/parliament">{t("parliament-all")}</Link>}>
      <Form />
    </Page>
  );
}

function Form(): JSX.Element {
  const parameters = useParameters();
  const eligibility = useEligibility(me.value?.personId ?? "");
  return (
    <div class="parliament-grid">
      <Loaded resource={parameters} lines={8}>{(all) => <Writing parameters={all} eligible={eligibility.data?.eligible === true} />}</Loaded>
      <Card title={t("parliament-may-i-propose")}>
        <Eligibility resource={eligibility} />
      </Card>
    </div>
  );
}

function Writing({ parameters, eligible }: { parameters: ReadonlyMap<string, ParameterJson>; eligible: boolean }): JSX.Element {
  const [, navigate] = useLocation();
  const [kind, setKind] = useState<Kind>("text");
  const [title, setTitle] = useState("");
  const [body, setBody] = useState("");
  const [draft, setDraft] = useState<Draft>({});
  const made = useRef("");
  const deposit = parameters.get("parliament.deposit")?.value?.integer ?? "0";
  const intention = useIntention<Request, ProposalJson>({
    perform: async (request, requestId) => {
      const answer = await post<CreateProposalResponseJson>("/v1/proposals", { requestId, personId: me.value?.personId, ...request }, { requestId });
      return answer.proposal ?? {};
    },
    onDone: ({ proposalId = "" }) => (made.current = proposalId),
  });
  const request: Request = { title: title.trim(), ...(body.trim() ? { body: body.trim() } : {}), ...(kind === "text" ? {} : draft.action) };
  const ready = title.trim() !== "" && (kind === "text" || draft.action !== undefined) && (kind !== "event" || body.trim() !== "");
  const choose = (next: Kind): void => {
    setKind(next);
    setDraft({});
  };
  return (
    <Card title={t("parliament-what")}>
      <div class="stack">
        <Choice label={t("parliament-what")} value={kind} onChange={choose} options={KINDS.map((value) => ({ value, label: t(`parliament-type-${value}`) }))} />
        <p class="soft">{t(`parliament-type-${kind}-hint`)}</p>
        <Field label={t("parliament-field-title")} value={title} onInput={setTitle} maxLength={TITLE_MOST} hint={t("parliament-left", { count: TITLE_MOST - title.length })} />
        <TextArea label={t("parliament-field-body")} value={body} onInput={setBody} rows={5} maxLength={BODY_MOST} hint={t("parliament-public")} />
        {kind === "parameter-change" && <SettingFields parameters={parameters} onDraft={setDraft} />}
        {(kind === "policy-mint" || kind === "policy-burn") && <PolicyFields key={kind} kind={kind} parameters={parameters} mine={myAccount.value} onDraft={setDraft} />}
        {kind === "event" && <EventFields parameters={parameters} onDraft={setDraft} />}
        <Facts
          facts={[
            [t("parliament-deposit"), <Amount value={deposit} asset="BRONZE" />],
            [t("parliament-discussion"), spanOf(parameters, "parliament.discussion_period")],
            [t("parliament-voting"), spanOf(parameters, "parliament.voting_period")],
          ]}
        />
        <p class="fine">{t("parliament-deposit-hint")}</p>
        <Button kind="primary" size="wide" disabled={!ready || !eligible || app.value.maintenance === true} onClick={() => intention.ask(request)}>
          {t("parliament-review")}
        </Button>
        {!eligible && <p class="field-note">{t("parliament-not-eligible-propose")}</p>}
      </div>
      <IntentionSheet
        intention={intention}
        title={t("parliament-propose-title")}
        confirm={t("parliament-propose-confirm")}
        doneTitle={t("parliament-proposed")}
        preview={(asked) => (
          <>
            <p class="outcome-line">«{asked.title}»</p>
            <Effect proposal={{ ...asked, state: "STATE_DISCUSSION" }} />
            <Facts
              facts={[
                [t("parliament-deposit"), <Amount value={deposit} asset="BRONZE" />],
                asked.policyBurn !== undefined && asked.policyBurn.account === myAccount.value && [t("parliament-escrow"), <Amount value={asked.policyBurn.amount} asset="BRONZE" />],
              ]}
            />
            <p class="soft">{t("parliament-public")}</p>
          </>
        )}
        outcome={(proposal) => (
          <>
            <p class="outcome-line">«{proposal.title}»</p>
            <p class="soft">{t("parliament-proposed-hint")}</p>
          </>
        )}
        onClose={() => made.current && navigate(`/parliament/${made.current}`)}
      />
    </Card>
  );
}

function spanOf(parameters: ReadonlyMap<string, ParameterJson>, name: string): string {
  return formatSpan(Number(parameters.get(name)?.value?.integer ?? "0"));
}
