import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, credentials, get, online, path, post, Segments } from "@/api";
import { addressOf } from "@/paths";

let answer: () => Promise<Response>;
const fetched = vi.fn((_: string, __: RequestInit) => answer());

function answers(status: number, body: unknown, headers: Record<string, string> = {}): void {
  answer = () => Promise.resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }));
}

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  credentials.csrfToken = "";
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockClear();
  online.value = true;
});

async function refused(call: Promise<unknown>): Promise<ApiError> {
  const thrown: unknown = await call.then(() => undefined, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(ApiError);
  return thrown as ApiError;
}

test("values of a path are encoded, and those of several segments keep their slashes", () => {
  expect(path`/v1/people/${"a/../b?c#d"}:block`).toBe("/v1/people/a%2F..%2Fb%3Fc%23d:block");
  expect(path`/v1/accounts/${new Segments("users/a b")}`).toBe("/v1/accounts/users/a%20b");
});

test("a query leaves out what is not there and repeats lists", () => {
  expect(addressOf("/v1/x", { a: undefined, b: "", c: 0, d: false, e: ["1", "2"], f: 5n })).toBe("/api/v1/x?c=0&d=false&e=1&e=2&f=5");
  expect(addressOf("/v1/x")).toBe("/api/v1/x");
});

test("what changes something carries its id and the token; what reads carries neither", async () => {
  credentials.csrfToken = "token";
  answers(200, {});
  await post("/v1/transfers", { amount: 12345678901234567890n }, { requestId: "id" });
  await get("/v1/assets");
  const [[, posted], [, read]] = fetched.mock.calls as [[string, RequestInit], [string, RequestInit]];
  expect(posted.headers).toMatchObject({ "X-CSRF-Token": "token", "Idempotency-Key": "id" });
  expect(posted.body).toBe('{"amount":"12345678901234567890"}');
  expect(Object.keys(read.headers as object)).toEqual(["Accept"]);
});

test("a problem is told with its reason and facts", async () => {
  answers(400, { reason: "INSUFFICIENT_FUNDS", detail: "…", metadata: { available: "5" }, violations: [{ field: "amount", description: "…" }], requestId: "r1" });
  const error = await refused(get("/v1/x"));
  expect(error).toMatchObject({ status: 400, reason: "INSUFFICIENT_FUNDS", metadata: { available: "5" }, requestId: "r1", outcomeUnknown: false, passing: false });
  expect(error.violations[0]?.field).toBe("amount");
});

test("a limit tells when to come again, in its body or its header", async () => {
  answers(429, { reason: "RATE_LIMITED" }, { "Retry-After": "7" });
  expect(await refused(get("/v1/x"))).toMatchObject({ retryAfterSeconds: 7, passing: true, outcomeUnknown: false });
});

test("what has to be waited for until tomorrow is not tried again at once", async () => {
  answers(429, { reason: "REWARD_NOT_DUE", retryAfterSeconds: 40_000 });
  expect((await refused(get("/v1/x"))).passing).toBe(false);
  answers(429, { reason: "REWARD_LIMIT_REACHED" });
  expect((await refused(get("/v1/x"))).passing).toBe(false);
});

test("what is no problem document is a refusal, too", async () => {
  answers(502, "<html>Bad gateway</html>");
  expect(await refused(get("/v1/x"))).toMatchObject({ status: 502, reason: "OFFLINE", outcomeUnknown: true });
  answers(200, "<html>Welcome to our hotspot</html>");
  expect(await refused(get("/v1/x"))).toMatchObject({ reason: "UNREADABLE", outcomeUnknown: true });
  answers(400, "[]");
  expect(await refused(get("/v1/x"))).toMatchObject({ status: 400, reason: "UNREADABLE", outcomeUnknown: false });
});

test("no connection is known, and that it is back", async () => {
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  expect(await refused(get("/v1/x"))).toMatchObject({ reason: "OFFLINE", outcomeUnknown: true });
  expect(online.value).toBe(false);
  answers(200, {});
  await get("/v1/x");
  expect(online.value).toBe(true);
});

test("a server that does not answer is given up", async () => {
  answer = () => new Promise((_, reject) => fetched.mock.lastCall![1].signal!.addEventListener("abort", () => reject(new DOMException("", "TimeoutError"))));
  expect(await refused(get("/v1/x", {}, { timeoutMs: 5 }))).toMatchObject({ reason: "TIMEOUT", outcomeUnknown: true });
});

test("a call that nobody waits for ends without a problem of its own", async () => {
  const controller = new AbortController();
  answer = () => Promise.reject(new DOMException("", "AbortError"));
  controller.abort();
  await expect(get("/v1/x", {}, { signal: controller.signal })).rejects.toThrow(DOMException);
  expect(online.value).toBe(true);
});

test("a session that is over is noticed", async () => {
  const noticed = vi.spyOn(credentials, "onSignedOut");
  answers(401, { reason: "CREDENTIALS_EXPIRED" });
  await refused(get("/v1/x"));
  expect(noticed).toHaveBeenCalledOnce();
});
