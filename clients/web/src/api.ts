import { signal } from "@preact/signals";
import { addressOf, type Query } from "@/paths";
import { ApiError, problemOf } from "@/problems";

export { path, Segments, type Query } from "@/paths";
export { ApiError } from "@/problems";

const TIMEOUT_MS = 15_000;

/** Whether calls reach the gateway, as far as the last of them, or the browser, tells. */
export const online = signal(browserIsOnline());

if (typeof window !== "undefined") {
  window.addEventListener("online", () => (online.value = true));
  window.addEventListener("offline", () => (online.value = false));
}

/** False only where the browser is sure that there is no connection. */
function browserIsOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

/** Set by the session: what state-changing calls with a cookie must carry. */
export const credentials: { csrfToken: string; onSignedOut: () => void } = {
  csrfToken: "",
  onSignedOut: () => undefined,
};

export interface CallOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface PostOptions extends CallOptions {
  /** Made once for each intention, so that asking again does it once. */
  requestId?: string;
}

/** Reads. Throws an ApiError. */
export function get<T>(path: string, query?: Query, options: CallOptions = {}): Promise<T> {
  return call<T>("GET", addressOf(path, query), undefined, options);
}

/** Changes something. Throws an ApiError. */
export function post<T>(path: string, body: object = {}, options: PostOptions = {}): Promise<T> {
  return call<T>("POST", addressOf(path), body, options);
}

/** A new request id. */
export function newRequestId(): string {
  return crypto.randomUUID();
}

async function call<T>(method: string, address: string, body: object | undefined, options: PostOptions): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const response = await send(address, {
    method,
    headers: headersOf(method, options.requestId),
    body: body === undefined ? null : JSON.stringify(body, bigintsAsText),
    credentials: "same-origin",
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
  }, timeout);
  if (!response.ok) throw await refusal(response);
  try {
    return await response.json() as T;
  } catch {
    // A redirecting hotspot, or an answer that broke off: whether it happened is not known.
    throw ApiError.local("UNREADABLE");
  }
}

async function send(address: string, init: RequestInit, timeout: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(address, init);
    // An answer may still arrive when the browser has lost its connection already.
    online.value = browserIsOnline();
    return response;
  } catch (thrown) {
    if (timeout.aborted) throw ApiError.local("TIMEOUT");
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    online.value = false;
    throw ApiError.local("OFFLINE");
  }
}

function headersOf(method: string, requestId: string | undefined): HeadersInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method === "GET") return headers;
  headers["Content-Type"] = "application/json";
  if (credentials.csrfToken) headers["X-CSRF-Token"] = credentials.csrfToken;
  if (requestId) headers["Idempotency-Key"] = requestId;
  return headers;
}

async function refusal(response: Response): Promise<ApiError> {
  const problem = await problemOf(response);
  if (response.status === 401) credentials.onSignedOut();
  return problem;
}

/** proto3 JSON has integers of 64 bits as strings. */
function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Whether a call was given up because nobody waits for its answer any more. */
export function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
