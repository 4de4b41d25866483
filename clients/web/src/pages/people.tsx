import type { JSX } from "preact";
import { get, path } from "@/api";
import { availableOf, readBalances } from "@/balances";
import { minorOf } from "@/amounts";
import { inOrder } from "@/assets";
import { Amount, ButtonLink, Card, EmptyState, Facts, Loaded, Page, TierBadge, Time } from "@/components";
import { payPath } from "@/deeplinks";
import { t } from "@/i18n";
import { nameOf, type Someone } from "@/people";
import { Achievements } from "@/pages/profile/achievements";
import { Level } from "@/pages/profile/level";
import "@/pages/profile/profile.css";
import { useResource } from "@/resources";
import type { PageProps } from "@/router";
import { me } from "@/session";

/** A person as everybody sees it. */
export default function People({ params }: PageProps): JSX.Element {
  const personId = params["id"] ?? "";
  const someone = useResource(`person ${personId}`, async (signal) => (await get<{ person?: Someone }>(path`/v1/people/${personId}`, {}, { signal })).person ?? {});
  if (someone.data) return <Shown someone={someone.data} personId={personId} />;
  return <Page title={t("person-unnamed", { id: personId.slice(0, 6) })}><Loaded resource={someone} lines={8}>{() => null}</Loaded></Page>;
}

function Shown({ someone, personId }: { someone: Someone; personId: string }): JSX.Element {
  const mine = personId === me.value?.personId;
  const gone = someone.state === "STATE_MERGED" || someone.state === "STATE_ERASED";
  const payable = !mine && !gone;
  return (
    <Page
      title={someone.displayName || nameOf(someone, personId)}
      lead={someone.handle ? `@${someone.handle}` : undefined}
      actions={payable && <ButtonLink href={payPath(someone.handle || `~${personId}`)} kind="primary">{t("home-pay")}</ButtonLink>}
    >
      {gone ? (
        <EmptyState title={t("recipient-gone")} action={someone.mergedInto && <ButtonLink href={`/people/${someone.mergedInto}`}>{t("people-merged")}</ButtonLink>} />
      ) : (
        <div class="profile">
          <div class="stack">
            <Level personId={personId} />
            <Belongings someone={someone} />
          </div>
          <Achievements personId={personId} />
        </div>
      )}
    </Page>
  );
}

function Belongings({ someone }: { someone: Someone }): JSX.Element {
  const account = someone.account ?? "";
  const balances = useResource(account ? `balances of ${account}` : null, (signal) => readBalances(account, signal));
  return (
    <Card title={t("wallet-balances")} actions={<ButtonLink href={`/explorer/accounts/${account}`} kind="quiet" size="small">{t("nav-explorer")}</ButtonLink>}>
      <Loaded resource={balances}>
        {(found) => {
          const codes = inOrder(found.keys()).filter((code) => minorOf(found.get(code)?.posted) > 0n);
          if (!codes.length) return <EmptyState title={t("people-nothing")} />;
          return <Facts facts={codes.map((code) => [<TierBadge tier={code} />, <Amount value={availableOf(found, code)} asset={code} bare />] as const)} />;
        }}
      </Loaded>
      <p class="soft">{t("people-since")} <Time at={someone.createTime} full /></p>
    </Card>
  );
}
