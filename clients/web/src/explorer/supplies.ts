import { get, path } from "@/api";
import { assets } from "@/assets";
import type { GetSupplyResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { t } from "@/i18n";
import { useResource, type Resource } from "@/resources";

/** How much there is of an asset. */
export function useSupply(code: string): Resource<GetSupplyResponseJson> {
  return useResource(`supply-${code}`, (signal) => get<GetSupplyResponseJson>(path`/v1/supplies/${code}`, {}, { signal }), { everyMs: 30_000 });
}

/** What sort of thing an asset is, in words. */
export function sortText(code: string): string {
  const kind = assets.value.get(code)?.kind ?? "KIND_UNSPECIFIED";
  return t(`explorer-asset-${kind.replace("KIND_", "").toLowerCase()}`);
}
