import { get, path, post } from "@/api";

/** What a person can be told of, as the wire has it. */
export const NOTIFICATIONS = [
  "NOTIFICATION_PAYMENT_RECEIVED", "NOTIFICATION_QUEUE_RESULT", "NOTIFICATION_VOTE_OPENED", "NOTIFICATION_VOTE_RESULT", "NOTIFICATION_ALLOWANCE_USED", "NOTIFICATION_BROADCAST",
] as const;

/** What a person wishes of all programs. */
export interface Wishes {
  language: string;
  muted: string[];
}

interface Answer {
  preferences?: Partial<Wishes>;
}

export async function readWishes(personId: string, signal?: AbortSignal): Promise<Wishes> {
  return wishesOf(await get<Answer>(path`/v1/people/${personId}/preferences`, {}, { signal }));
}

/** Sets all of it: what is left out is unset. */
export async function writeWishes(personId: string, { language, muted }: Wishes, requestId: string): Promise<Wishes> {
  return wishesOf(await post<Answer>(path`/v1/people/${personId}:setPreferences`, { language, mutedNotifications: muted }, { requestId }));
}

function wishesOf({ preferences }: Answer): Wishes {
  return { language: preferences?.language ?? "", muted: preferences?.muted ?? [] };
}
