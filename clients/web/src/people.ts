import { signal, type Signal } from "@preact/signals";
import { ApiError, get, path } from "@/api";
import type { PersonJson } from "@/contracts/ticketonomics/identity/v1/person_pb";
import { t } from "@/i18n";
import { me } from "@/session";

/** A person as others see it. */
export type Someone = PersonJson & { handle?: string };

const MOST = 100;
const GATHER_MS = 25;

const known = new Map<string, Signal<Someone | undefined>>();
let waiting = new Set<string>();

/** A person by id: undefined at first, then as soon as it is read; those asked for together are read together. */
export function person(personId: string): Signal<Someone | undefined> {
  let found = known.get(personId);
  if (!found) {
    found = signal<Someone | undefined>(undefined);
    known.set(personId, found);
    if (!waiting.size) setTimeout(readWaiting, GATHER_MS);
    waiting.add(personId);
  }
  return found;
}

/** How a person is called: `@handle`, or else the shown name, or else a part of the id. */
export function nameOf(someone: Someone | undefined, personId: string): string {
  if (someone?.handle) return `@${someone.handle}`;
  return someone?.displayName || t("person-unnamed", { id: personId.slice(0, 6) });
}

/** Whom an account belongs to, as people read it: a person's name, a known account's, or its address. */
export function accountName(address: string): string {
  const personId = personOf(address);
  if (personId === undefined) return accountKind(address);
  if (personId === me.value?.personId) return t("person-you");
  return nameOf(person(personId).value, personId);
}

/** The person whose account this is; undefined for another kind of account. */
export function personOf(address: string): string | undefined {
  return /^users\/([0-9a-z]{16})$/.exec(address)?.[1];
}

function accountKind(address: string): string {
  const kinds: readonly [RegExp, string][] = [
    [/^system\/mint$/, "account-mint"],
    [/^system\/sink$/, "account-sink"],
    [/^queues?\//, "account-queue"],
    [/^pools\//, "account-pool"],
    [/^parliament\//, "account-parliament"],
  ];
  const id = kinds.find(([pattern]) => pattern.test(address))?.[1];
  if (id) return t(id, { name: address.split("/")[1] ?? "" });
  // What an application or a community calls its accounts, without what they all begin with.
  return address.replace(/^(orgs|apps)\//, "").replaceAll("/", " · ");
}

/** The person with a handle; throws an ApiError with reason HANDLE_NOT_FOUND for nobody. */
export async function byHandle(handle: string, signal?: AbortSignal): Promise<Someone> {
  const found = await get<{ person?: Someone }>(path`/v1/handles/${handle.replace(/^@/, "").toLowerCase()}`, {}, { signal });
  return found.person ?? {};
}

async function readWaiting(): Promise<void> {
  const asked = [...waiting];
  waiting = new Set();
  for (let from = 0; from < asked.length; from += MOST) await readBatch(asked.slice(from, from + MOST));
}

async function readBatch(personIds: string[]): Promise<void> {
  try {
    const { people } = await get<{ people?: Someone[] }>("/v1/people:batchGet", { personIds });
    for (const someone of people ?? []) if (someone.personId) known.get(someone.personId)!.value = someone;
  } catch (thrown) {
    const error = ApiError.from(thrown);
    // A name is worth another try when it is asked for again; the id is shown meanwhile.
    if (error.passing) for (const personId of personIds) known.delete(personId);
    // One who is not there takes all others along: they are read apart.
    else if (personIds.length > 1) {
      const middle = Math.ceil(personIds.length / 2);
      await Promise.all([readBatch(personIds.slice(0, middle)), readBatch(personIds.slice(middle))]);
    }
  }
}
