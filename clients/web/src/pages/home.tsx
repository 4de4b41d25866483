import type { JSX } from "preact";
import { Balances } from "@/pages/home/balances";
import { Activity, EconomyActivity } from "@/pages/home/activity";
import { Earning } from "@/pages/home/earning";
import { Invite } from "@/pages/home/invite";
import "@/pages/home/home.css";
import { ButtonLink, Card, Page, Skeleton } from "@/components";
import { t } from "@/i18n";
import { nameOf } from "@/people";
import { me, sessionKnown } from "@/session";

/** Where a person sees at once what there is, and what can be done now. */
export default function Home(): JSX.Element {
  if (!sessionKnown.value) return <Skeleton lines={6} />;
  const person = me.value;
  if (!person?.personId) return <Visitor />;
  const name = person.displayName || nameOf(person, person.personId);
  return (
    <Page title={t("home-title", { name })}>
      <div class="home">
        <div class="stack">
          <Balances />
          <Earning personId={person.personId} />
        </div>
        <div class="stack">
          <Activity />
          <Invite personId={person.personId} />
        </div>
      </div>
    </Page>
  );
}

function Visitor(): JSX.Element {
  return (
    <Page title={t("home-visitor-title")} lead={t("home-visitor-lead")}>
      <div class="home">
        <Card ticket title={t("home-visitor-in")}>
          <p>{t("home-visitor-how")}</p>
          <div class="row">
            <ButtonLink href="/profile" kind="primary">{t("signin-title")}</ButtonLink>
            <ButtonLink href="/market">{t("home-visitor-market")}</ButtonLink>
            <ButtonLink href="/economy">{t("home-visitor-economy")}</ButtonLink>
          </div>
        </Card>
        <EconomyActivity />
      </div>
    </Page>
  );
}
