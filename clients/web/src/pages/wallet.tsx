import type { JSX } from "preact";
import { ButtonLink, Page, Tabs } from "@/components";
import { t } from "@/i18n";
import { Allowances } from "@/pages/wallet/allowances";
import { History } from "@/pages/wallet/history";
import { Holds } from "@/pages/wallet/holds";
import { Requests, useOpenRequests } from "@/pages/wallet/requests";
import { Schedules } from "@/pages/wallet/schedules";
import { Purse } from "@/pages/wallet/purse";
import "@/pages/wallet/wallet.css";
import type { PageProps } from "@/router";

const PARTS: Record<string, () => JSX.Element> = {
  history: History,
  requests: Requests,
  holds: Holds,
  schedules: Schedules,
  allowances: Allowances,
};

/** What I have, what happened to it, and what may happen to it. */
export default function Wallet({ params }: PageProps): JSX.Element {
  const current = params["part"] && params["part"] in PARTS ? params["part"] : "history";
  const Part = PARTS[current]!;
  const open = useOpenRequests();
  return (
    <Page
      title={t("nav-wallet")}
      actions={
        <>
          <ButtonLink href="/pay" kind="primary">{t("home-pay")}</ButtonLink>
          <ButtonLink href="/pay?mode=receive">{t("pay-receive")}</ButtonLink>
        </>
      }
    >
      <Purse />
      <Tabs
        label={t("nav-wallet")}
        current={`/wallet/${current}`}
        tabs={Object.keys(PARTS).map((part) => ({ href: `/wallet/${part}`, label: t(`wallet-${part}`), count: part === "requests" ? open : undefined }))}
      />
      <Part />
    </Page>
  );
}
