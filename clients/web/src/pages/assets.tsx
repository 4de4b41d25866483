import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { assets, inOrder } from "@/assets";
import { Amount, assetName, Card, EmptyState, Page, Tabs } from "@/components";
import { explorerTabs } from "@/explorer/blocks";
import { SearchBox } from "@/explorer/search-box";
import { sortText, useSupply } from "@/explorer/supplies";
import { t } from "@/i18n";

/** All assets and how much there is of each. */
export default function Assets(): JSX.Element {
  const codes = inOrder(assets.value.keys());
  return (
    <Page title={t("explorer-title")} lead={t("explorer-assets-lead")}>
      <SearchBox />
      <Tabs label={t("explorer-title")} tabs={explorerTabs()} current="/explorer/assets" />
      <Card title={t("explorer-tab-assets")}>
        {codes.length ? (
          <ul class="list">
            {codes.map((code) => <li key={code}><AssetRow code={code} /></li>)}
          </ul>
        ) : (
          <EmptyState title={t("explorer-no-assets")} />
        )}
      </Card>
    </Page>
  );
}

function AssetRow({ code }: { code: string }): JSX.Element {
  const { data, error } = useSupply(code);
  return (
    <article class="entry">
      <div class="entry-what">
        <Link href={`/explorer/assets/${code}`} className="entry-kind">{assetName(code)}</Link>
        <p class="entry-parties">{sortText(code)}</p>
      </div>
      <div class="entry-much">
        {data ? <Amount value={data.supply?.circulating} asset={code} style={{ trimmed: true }} /> : error ? "—" : "…"}
        <p class="entry-time">{t("explorer-circulating")}</p>
      </div>
    </article>
  );
}
