import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, isAborted, path } from "@/api";
import { Field } from "@/components/fields";
import { Time } from "@/components/values";
import { errorText, t } from "@/i18n";
import { byHandle, nameOf, type Someone } from "@/people";
import { ApiError } from "@/problems";
import { me } from "@/session";

const WAIT_MS = 350;
const HANDLE = /^[a-z][a-z0-9_]{2,31}$/;
/** An id is marked, for a handle may look like one: nobody shall be paid in another's place. */
const PERSON_ID = /^~[0-9a-z]{16}$/;

export interface Found {
  /** The person that is meant, as soon as there is exactly one. */
  person: Someone | undefined;
  error: string | undefined;
}

/** The person whom a typed handle or id means, looked up when typing rests. */
export function useRecipient(typed: string): Found {
  const wanted = typed.trim().replace(/^@/, "").toLowerCase();
  const [found, setFound] = useState<Found & { of: string }>({ of: "", person: undefined, error: undefined });
  useEffect(() => {
    if (!HANDLE.test(wanted) && !PERSON_ID.test(wanted)) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      lookUp(wanted, controller.signal).then(
        (person) => setFound({ of: wanted, person, error: personError(person) }),
        (thrown: unknown) => {
          if (!isAborted(thrown)) setFound({ of: wanted, person: undefined, error: errorText(ApiError.from(thrown)) });
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wanted]);
  if (!wanted) return { person: undefined, error: undefined };
  if (!HANDLE.test(wanted) && !PERSON_ID.test(wanted)) return { person: undefined, error: t("recipient-format") };
  if (found.of !== wanted) return { person: undefined, error: undefined };
  return found.error ? { person: undefined, error: found.error } : found;
}

/** A handle; or `~` and an id, for people who have none. */
async function lookUp(wanted: string, signal: AbortSignal): Promise<Someone> {
  if (HANDLE.test(wanted)) return byHandle(wanted, signal);
  const { person } = await get<{ person?: Someone }>(path`/v1/people/${wanted.slice(1)}`, {}, { signal });
  return person ?? {};
}

function personError({ personId, state }: Someone): string | undefined {
  if (personId === me.value?.personId) return t("recipient-self");
  if (state === "STATE_MERGED" || state === "STATE_ERASED") return t("recipient-gone");
  return undefined;
}

/** A field for a person, with whom it means said below it: paying cannot be undone. */
export function RecipientField({ label, value, onInput, found, autoFocus }: { label: string; value: string; onInput: (value: string) => void; found: Found; autoFocus?: boolean }): JSX.Element {
  const { person, error } = found;
  const hint = person?.personId ? (
    <>
      <strong class="good">✓ {nameOf(person, person.personId)}</strong> {person.handle && person.displayName} · {t("recipient-since")} <Time at={person.createTime} />
    </>
  ) : (
    t("recipient-hint")
  );
  return <Field label={label} {...(value.startsWith("~") ? {} : { prefix: "@" })} value={value.replace(/^@/, "")} onInput={onInput} error={error} hint={hint} maxLength={33} autoFocus={autoFocus ?? false} />;
}
