/** Values of a query; what is undefined or empty is left out, a list is repeated. */
export type Query = Record<string, string | number | bigint | boolean | undefined | readonly string[]>;

/** A value with `/` in it that fills several segments, such as the address of an account. */
export class Segments {
  constructor(readonly value: string) {}
}

/** Makes a path of a template, every value percent-encoded: path`/v1/people/${id}`. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number | Segments)[]): string {
  return parts.reduce((made, part, index) => made + encoded(values[index - 1]!) + part);
}

function encoded(value: string | number | Segments): string {
  if (value instanceof Segments) return value.value.split("/").map(encodeURIComponent).join("/");
  return encodeURIComponent(value);
}

/** The address of a call, below `/api`. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const asked = search.toString();
  return `/api${path}${asked ? `?${asked}` : ""}`;
}
