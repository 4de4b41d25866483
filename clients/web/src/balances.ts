import { get } from "@/api";
import { minorOf } from "@/amounts";
import type { BalanceJson } from "@/contracts/ticketonomics/ledger/v1/account_pb";
import type { ListBalancesResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { useResource, type Resource } from "@/resources";
import { myAccount } from "@/session";

export type BalanceByAsset = ReadonlyMap<string, BalanceJson>;

export async function readBalances(account: string, signal?: AbortSignal): Promise<BalanceByAsset> {
  const found = new Map<string, BalanceJson>();
  let pageToken = "";
  do {
    const page = await get<ListBalancesResponseJson>("/v1/balances", { account, pageSize: 1000, pageToken }, { signal });
    for (const balance of page.balances ?? []) if (balance.asset) found.set(balance.asset, balance);
    pageToken = page.nextPageToken ?? "";
  } while (pageToken);
  return found;
}

/** What the person who is signed in has, by asset. */
export function useBalances(): Resource<BalanceByAsset> {
  const account = myAccount.value;
  return useResource(account ? `balances ${account}` : null, (signal) => readBalances(account, signal));
}

/** What can be spent of an asset. */
export function availableOf(balances: BalanceByAsset | undefined, asset: string): bigint {
  return minorOf(balances?.get(asset)?.available);
}
