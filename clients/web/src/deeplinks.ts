/** Tiers and sizes are written in capitals; a handle and an id in small letters. */
const PATTERNS: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [/^pay[-_]([a-z][a-z0-9_]{2,31})(?:-([0-9a-z.]{1,20}))?$/i, ([, handle, amount]) => `/pay/${handle!.toLowerCase()}${amount ? `?amount=${amount}` : ""}`],
  [/^queue[-_]([A-Z]+)[-_]([A-Z]+)$/i, ([, tier, size]) => `/queues/${tier!.toUpperCase()}/${size!.toUpperCase()}`],
  [/^queue$/i, () => "/queues"],
  [/^round[-_]([0-9a-z]+)$/i, ([, id]) => `/rounds/${id}`],
  [/^proposal[-_]([0-9a-z]+)$/i, ([, id]) => `/parliament/${id}`],
  [/^request(?:[-_]([0-9a-z]+))?$/i, () => "/wallet/requests"],
  [/^pool[-_]([0-9a-z_-]+)$/i, ([, id]) => `/market/${id}`],
  [/^receipt[-_]([0-9a-f-]{36})$/i, ([, id]) => `/receipt/${id}`],
  [/^(home|market|queues|parliament|wallet|explorer|economy|profile|leaderboards)$/i, ([, page]) => (page!.toLowerCase() === "home" ? "/" : `/${page!.toLowerCase()}`)],
];

/** The route that a Mini App's start parameter asks for; undefined for none that this app knows. */
export function routeOf(startParameter: string): string | undefined {
  for (const [pattern, made] of PATTERNS) {
    const found = pattern.exec(startParameter);
    if (found) return made(found);
  }
  return undefined;
}

/** The code of who brought this person along, in a start parameter such as `ref-k3x9…`. */
export function referralOf(startParameter: string): string | undefined {
  return /^ref[-_]([0-9a-z]{10})$/i.exec(startParameter)?.[1];
}

/** The path that asks a visitor to pay somebody: a handle, or `~` and an id; the amount as people type it. */
export function payPath(whom: string, amount?: string, asset?: string, memo?: string): string {
  const query = new URLSearchParams();
  if (amount) query.set("amount", amount);
  if (asset && asset !== "BRONZE") query.set("asset", asset);
  if (memo) query.set("memo", memo);
  return `/pay/${encodeURIComponent(whom)}${query.size ? `?${query}` : ""}`;
}
