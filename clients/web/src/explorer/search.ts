/** What somebody looks for, and the page that shows it. */
export type Found =
  | { kind: "transaction"; id: string }
  | { kind: "block"; height: string }
  | { kind: "account"; address: string }
  | { kind: "handle"; handle: string }
  | { kind: "asset"; code: string };

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const PERSON = /^[0-9a-z]{16}$/;
const ADDRESS = /^[0-9a-z_.-]{1,64}(\/[0-9a-z_.-]{1,64}){1,5}$/;
const HANDLE = /^[a-z][0-9a-z_]{2,31}$/;
const CODE = /^[A-Z][0-9A-Z_-]{0,23}$/;

/**
 * Reads what was typed into the search field: the id of a transaction, the height of a block, an account,
 * a person's id or `@handle`, the code of an asset. Null for what can be none of these.
 */
export function readSearch(typed: string): Found | null {
  const text = typed.trim();
  if (UUID.test(text)) return { kind: "transaction", id: dashed(text) };
  const number = /^#?\s?(\d[\d\s,.'\u00a0\u202f]*)$/.exec(text);
  if (number) return blockOf(number[1]!.replace(/\D/g, ""));
  if (text.startsWith("@")) return handleOf(text.slice(1).toLowerCase());
  const lower = text.toLowerCase();
  if (ADDRESS.test(lower)) return { kind: "account", address: lower };
  if (PERSON.test(text)) return { kind: "account", address: `users/${text}` };
  if (CODE.test(text)) return { kind: "asset", code: text };
  return handleOf(lower);
}

function blockOf(digits: string): Found | null {
  const height = digits.replace(/^0+(?=\d)/, "");
  return height.length > 18 || height === "0" ? null : { kind: "block", height };
}

function handleOf(handle: string): Found | null {
  return HANDLE.test(handle) ? { kind: "handle", handle } : null;
}

/** Ids of transactions are copied with and without their dashes. */
function dashed(id: string): string {
  const digits = id.toLowerCase().replaceAll("-", "");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
