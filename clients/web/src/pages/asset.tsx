import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { get, path } from "@/api";
import { AccountName, Amount, assetName, Card, EmptyState, Facts, List, Loaded, Page, Time } from "@/components";
import type { BalanceJson } from "@/contracts/ticketonomics/ledger/v1/account_pb";
import type { AssetJson } from "@/contracts/ticketonomics/ledger/v1/asset_pb";
import type { GetAssetResponseJson, ListBalancesResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { sortText, useSupply } from "@/explorer/supplies";
import { formatInteger, formatPercent, t } from "@/i18n";
import { usePages, useResource } from "@/resources";
import type { PageProps } from "@/router";

const PAGE = 50;

/** One asset: how much there is, and who has it. */
export default function AssetPage({ params }: PageProps): JSX.Element {
  const { code = "" } = params;
  const asset = useResource(`asset-${code}`, (signal) => get<GetAssetResponseJson>(path`/v1/assets/${code}`, {}, { signal }), { lasting: true });
  return (
    <Page title={assetName(code)} lead={code}>
      <Loaded resource={asset} lines={6}>
        {({ asset: found = {} }) => (
          <>
            <Supply asset={found} />
            <Holders code={code} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Supply({ asset }: { asset: AssetJson }): JSX.Element {
  const code = asset.code ?? "";
  const resource = useSupply(code);
  const fee = asset.transferFee;
  return (
    <Card title={t("explorer-supply")}>
      <Loaded resource={resource}>
        {({ supply = {} }) => (
          <Facts
            facts={[
              [t("explorer-circulating"), <Amount value={supply.circulating} asset={code} bare />],
              [t("explorer-minted"), <Amount value={supply.minted} asset={code} bare />],
              [t("explorer-burned"), <Amount value={supply.burned} asset={code} bare />],
              supply.supplyCap && supply.supplyCap !== "0" ? [t("explorer-cap"), <Amount value={supply.supplyCap} asset={code} bare />] : null,
              [t("explorer-kind"), sortText(code)],
              [t("explorer-decimals"), formatInteger(asset.decimals ?? 0)],
              fee?.feeBps || (fee?.minimum && fee.minimum !== "0") ? [t("explorer-fee"), formatPercent((fee.feeBps ?? 0) / 10_000)] : null,
              [t("explorer-created"), <Time at={asset.createTime} full />],
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** What is issued or burned is with nobody: the economy's own accounts only count it. */
function isHeld({ account = "", posted = "0" }: BalanceJson): boolean {
  return posted !== "0" && !account.startsWith("system/");
}

function Holders({ code }: { code: string }): JSX.Element {
  const pages = usePages(`holders-${code}`, async (pageToken, signal) => {
    const page = await get<ListBalancesResponseJson>("/v1/balances", { asset: code, pageSize: PAGE, pageToken }, { signal });
    return { items: page.balances?.filter(isHeld), nextPageToken: page.nextPageToken };
  });
  return (
    <Card title={t("explorer-holders")}>
      <p class="note">{t("explorer-holders-hint")}</p>
      <List pages={pages} keyOf={(balance) => balance.account ?? ""} empty={<EmptyState title={t("explorer-no-holders")} />}>
        {(balance) => (
          <article class="entry">
            <p class="entry-what"><AccountName address={balance.account} /></p>
            <p class="entry-much"><Amount value={balance.posted} asset={code} bare /></p>
          </article>
        )}
      </List>
    </Card>
  );
}
