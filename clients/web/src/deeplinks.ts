/**
 * Deep links, as the bot writes them, too: what may follow `?startapp=` in a link to the Mini App, or `?start=` in one to
 * the bot. Parts are separated by `-`. Amounts are minor units, so that nobody has to know an asset's decimals.
 */
const ROUTES: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [/^pay-h([a-z][a-z0-9_]{2,31})(?:-([1-9][0-9]{0,18})(?:-([A-Z][A-Z0-9_]{0,23}))?)?$/, ([, handle, minor, asset]) => payPath(handle!, { minor, asset })],
  [/^pay-p([0-9a-z]{16})(?:-([1-9][0-9]{0,18})(?:-([A-Z][A-Z0-9_]{0,23}))?)?$/, ([, id, minor, asset]) => payPath(`~${id}`, { minor, asset })],
  [/^request-[0-9a-z]{16}$/, () => "/wallet/requests"],
  [/^queue-([A-Z]{1,16})-([a-z]{1,16})$/, ([, tier, size]) => `/queues/${tier}/${size}`],
  [/^proposal-([0-9a-z]{16})$/, ([, id]) => `/parliament/${id}`],
  [/^round-([0-9a-z]{16})$/, ([, id]) => `/rounds/${id}`],
  [/^receipt-([0-9a-f-]{36})$/, ([, id]) => `/receipt/${id}`],
  [/^(market|queues|parliament|wallet|explorer|economy|profile|leaderboards)$/, ([, page]) => `/${page}`],
];

/** The route that a Mini App's start parameter asks for; undefined for none that this app knows. */
export function routeOf(startParameter: string): string | undefined {
  for (const [pattern, made] of ROUTES) {
    const found = pattern.exec(startParameter);
    if (found) return made(found);
  }
  return undefined;
}

/** The code of who brought this person along, in a start parameter such as `ref-k3x9…`. */
export function referralOf(startParameter: string): string | undefined {
  return /^ref-([0-9A-Za-z]{10})$/.exec(startParameter)?.[1];
}

/** What a link to the bot, or to its Mini App, carries so that its reader pays somebody. */
export function payParameter(person: { handle?: string; personId?: string }, minor?: bigint): string {
  const whom = person.handle ? `h${person.handle}` : `p${person.personId ?? ""}`;
  return `pay-${whom}${minor ? `-${minor}` : ""}`;
}

/** The path that asks a visitor to pay somebody: a handle, or `~` and an id. */
export function payPath(whom: string, { minor, asset }: { minor?: bigint | string | undefined; asset?: string | undefined } = {}): string {
  const query = new URLSearchParams();
  if (minor) query.set("minor", String(minor));
  if (asset && asset !== "BRONZE") query.set("asset", asset);
  return `/pay/${encodeURIComponent(whom)}${query.size ? `?${query}` : ""}`;
}
