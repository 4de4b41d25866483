import { signal } from "@preact/signals";
import { get } from "@/api";
import { formatAmount, type AmountStyle, type Minor } from "@/amounts";
import type { AssetJson, TransferFeeJson } from "@/contracts/ticketonomics/ledger/v1/asset_pb";
import type { ListAssetsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";

/** The tiers, each worth 20 of the one before. */
export const TIERS = ["BRONZE", "SILVER", "GOLD", "EMERALD", "SAPPHIRE", "RUBY", "AMETHYST", "DIAMOND"] as const;
export type Tier = (typeof TIERS)[number];

/** All assets by code; empty until they are read. */
export const assets = signal<ReadonlyMap<string, AssetJson>>(new Map());

/** Reads the assets. There are few, and they change only when an operator or a pool makes one. */
export async function loadAssets(): Promise<void> {
  const found = new Map<string, AssetJson>();
  let pageToken = "";
  do {
    const page = await get<ListAssetsResponseJson>("/v1/assets", { pageSize: 1000, pageToken });
    for (const asset of page.assets ?? []) if (asset.code) found.set(asset.code, asset);
    pageToken = page.nextPageToken ?? "";
  } while (pageToken);
  assets.value = found;
}

export function isTier(code: string): code is Tier {
  return (TIERS as readonly string[]).includes(code);
}

/** Decimals of an asset. Tickets have two whatever has been read so far. */
export function decimalsOf(code: string): number {
  return assets.value.get(code)?.decimals ?? (isTier(code) ? 2 : 0);
}

export function isKnown(code: string): boolean {
  return assets.value.has(code);
}

/** What one ticket of a tier is in Bronze. */
export function bronzeOf(tier: Tier): bigint {
  return 20n ** BigInt(TIERS.indexOf(tier));
}

/** What a transfer of an amount costs on top: part of it, at least and at most so much, rounded up. */
export function feeOf(fee: TransferFeeJson | undefined, amount: bigint): bigint {
  const most = BigInt(fee?.maximum ?? 0);
  const part = (amount * BigInt(fee?.feeBps ?? 0) + 9_999n) / 10_000n;
  const least = BigInt(fee?.minimum ?? 0);
  const owed = part < least ? least : part;
  return most > 0n && owed > most ? most : owed;
}

/** The same of an asset as it is known here; the ledger decides. */
export function transferFee(code: string, amount: bigint): bigint {
  return feeOf(assets.value.get(code)?.transferFee, amount);
}

/** An amount of an asset without its name: `1,234.50`. */
export function amountText(value: Minor, code: string, style?: AmountStyle): string {
  return formatAmount(value, decimalsOf(code), style);
}

/** Codes by what people look for first: tiers in their order, then the rest by name. */
export function inOrder(codes: Iterable<string>): string[] {
  const rank = (code: string): number => (isTier(code) ? TIERS.indexOf(code) : TIERS.length);
  return [...codes].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
