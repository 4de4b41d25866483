import { get } from "@/api";
import type { Query } from "@/paths";

const PAGE = 1000;
/** A list that is longer than this is none that a page shows. */
const MOST_PAGES = 50;

/** Reads all pages of a list. */
export async function readAll<Item>(address: string, query: Query, itemsOf: (page: Record<string, unknown>) => unknown, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let pageToken = "";
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await get<Record<string, unknown>>(address, { ...query, pageSize: PAGE, pageToken }, { signal });
    items.push(...((itemsOf(page) ?? []) as Item[]));
    pageToken = String(page["nextPageToken"] ?? "");
    if (!pageToken) break;
  }
  return items;
}
