import { computed, signal } from "@preact/signals";
import { credentials, get, online, post } from "@/api";
import type { PersonJson } from "@/contracts/ticketonomics/identity/v1/person_pb";
import { referralOf } from "@/deeplinks";
import { ApiError } from "@/problems";
import { telegram } from "@/telegram";

/** What the gateway tells every page. */
export interface AppInfo {
  economy?: string;
  botUsername?: string;
  devLogin?: boolean;
  maintenance?: boolean;
}

/** A simulated citizen that a developer may be. */
export interface Citizen {
  personId: string;
  displayName?: string;
  handle?: string;
}

interface Me {
  person: PersonJson & { handle?: string };
  expireTime?: string;
  csrfToken: string;
}

export const app = signal<AppInfo>({});
/** The person who is signed in; undefined for a visitor. */
export const me = signal<Me["person"] | undefined>(undefined);
/** Why nobody could be signed in; undefined where nothing went wrong. */
export const signInError = signal<ApiError | undefined>(undefined);
/** False until it is known whether somebody is signed in. */
export const sessionKnown = signal(false);
export const signedIn = computed(() => me.value !== undefined);

/** The address of the account of the person who is signed in. */
export const myAccount = computed(() => (me.value?.personId ? `users/${me.value.personId}` : ""));

let wasOnline = online.value;
online.subscribe((back) => {
  // Whoever could not be asked when the page was opened is asked when there is a connection.
  if (back && !wasOnline && signInError.value?.passing) void startSession();
  wasOnline = back;
});

credentials.onSignedOut = () => {
  if (me.value) forget();
};

/** Finds out who is here; inside Telegram, signs in by its init data. */
export async function startSession(): Promise<void> {
  signInError.value = undefined;
  try {
    const [, found] = await Promise.all([readApp(), readMe()]);
    if (found) remember(found);
    const data = telegram.value;
    if (data && !isTelegramPerson(found, data.initDataUnsafe?.user?.id)) await signInByTelegram(data.initData);
  } catch (thrown) {
    signInError.value = ApiError.from(thrown);
  } finally {
    sessionKnown.value = true;
  }
}

/** Reads what the gateway tells every page, such as that there is maintenance. */
export async function readApp(): Promise<void> {
  app.value = await get<AppInfo>("/v1/app");
}

/** Reads the person who is signed in anew, after something about it was changed. */
export async function refreshMe(): Promise<void> {
  const found = await readMe();
  if (found) remember(found);
  else forget();
}

export async function listCitizens(): Promise<Citizen[]> {
  const { citizens } = await get<{ citizens?: Citizen[] }>("/v1/auth/dev");
  return citizens ?? [];
}

export async function signInAsCitizen(personId: string): Promise<void> {
  await post("/v1/auth/dev", { personId });
  await refreshMe();
}

export async function signOut(): Promise<void> {
  await post("/v1/auth/logout");
  forget();
}

async function signInByTelegram(initData: string): Promise<void> {
  forget();
  const brought = referralOf(telegram.value?.initDataUnsafe?.start_param ?? "");
  await post("/v1/auth/telegram", { initData, ...(brought ? { referralCode: brought } : {}) });
  await refreshMe();
}

async function readMe(): Promise<Me | undefined> {
  try {
    return await get<Me>("/v1/auth/me");
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 401) return undefined;
    throw thrown;
  }
}

/** One device may have several Telegram accounts: the cookie may be another one's. */
function isTelegramPerson(found: Me | undefined, userId: number | undefined): boolean {
  if (!found || userId === undefined) return found !== undefined;
  const linked = found.person.linkedIdentities ?? [];
  return linked.some(({ provider, subject }) => provider === "telegram" && subject === String(userId));
}

function remember(found: Me): void {
  credentials.csrfToken = found.csrfToken;
  me.value = found.person;
}

function forget(): void {
  credentials.csrfToken = "";
  me.value = undefined;
}
