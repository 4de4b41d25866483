import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream, reconnecting, type Stream } from "@/streams";

interface Connection {
  headers: Record<string, string>;
  signal: AbortSignal;
  send: (text: string) => void;
  end: () => void;
}

const connections: Connection[] = [];
let refuse: Response | undefined;
let page: EventTarget & { hidden: boolean };
let stream: Stream | undefined;
const onMessage = vi.fn();
const onResync = vi.fn();

function answer(_: string, init: RequestInit): Promise<Response> {
  if (refuse) return Promise.resolve(refuse.clone());
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (made) => void (controller = made) });
  init.signal!.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
  const encoder = new TextEncoder();
  connections.push({
    headers: init.headers as Record<string, string>,
    signal: init.signal!,
    send: (text) => controller.enqueue(encoder.encode(text)),
    end: () => controller.close(),
  });
  return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
}

const message = (cursor: number): string => `event: message\nid: ${cursor}\ndata: {"cursor":"${cursor}"}\n\n`;
const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 1000);

async function begin(): Promise<void> {
  stream = openStream("/v1/transactions:watch", {}, { onMessage, onResync });
  await seconds(0);
}

async function show(hidden: boolean): Promise<void> {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
  await seconds(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", vi.fn(answer));
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", new EventTarget());
  connections.length = 0;
  refuse = undefined;
});
afterEach(() => {
  stream?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  onMessage.mockClear();
  onResync.mockClear();
});

test("messages arrive, however they are cut, with their cursors", async () => {
  await begin();
  expect(stream!.state.value).toBe("live");
  const text = message(7);
  connections[0]!.send(`: heartbeat\n\n${text.slice(0, 20)}`);
  await seconds(0);
  expect(onMessage).not.toHaveBeenCalled();
  connections[0]!.send(text.slice(20) + message(8));
  await seconds(0);
  expect(onMessage.mock.calls).toEqual([[{ cursor: "7" }, "7"], [{ cursor: "8" }, "8"]]);
});

test("a lost connection is looked for again, from the last cursor", async () => {
  await begin();
  expect(connections[0]!.headers["Last-Event-ID"]).toBeUndefined();
  connections[0]!.send(message(7));
  await seconds(0);
  connections[0]!.end();
  await seconds(0);
  expect(stream!.state.value).toBe("reconnecting");
  expect(reconnecting.value).toBe(true);
  await seconds(1);
  expect(connections[1]!.headers["Last-Event-ID"]).toBe("7");
  expect(reconnecting.value).toBe(false);
  expect(onResync).not.toHaveBeenCalled();
});

test("what was lost before there was a cursor is read anew", async () => {
  await begin();
  connections[0]!.end();
  await seconds(1);
  expect(onResync).toHaveBeenCalledOnce();
});

test("a cursor that is refused is given up once, and all is read anew", async () => {
  await begin();
  connections[0]!.send(message(7));
  connections[0]!.send('event: problem\ndata: {"status":400,"reason":"INVALID_FIELD"}\n\n');
  connections[0]!.end();
  await seconds(1);
  expect(connections[1]!.headers["Last-Event-ID"]).toBeUndefined();
  expect(onResync).toHaveBeenCalledOnce();
});

test("what is refused for good is not asked again and again", async () => {
  refuse = new Response('{"reason":"ACCOUNT_NOT_FOUND"}', { status: 404 });
  await begin();
  await seconds(120);
  expect(stream!.state.value).toBe("failed");
  expect(fetch).toHaveBeenCalledOnce();
});

test("a server that is away is asked less and less often", async () => {
  refuse = new Response("", { status: 503 });
  await begin();
  await seconds(120);
  const calls = vi.mocked(fetch).mock.calls.length;
  expect(calls).toBeGreaterThan(6);
  expect(calls).toBeLessThan(25);
});

test("silence is a lost connection", async () => {
  await begin();
  await seconds(41);
  expect(connections[0]!.signal.aborted).toBe(true);
  await seconds(1);
  expect(connections).toHaveLength(2);
});

test("a hidden page holds no connection, and goes on where it was", async () => {
  await begin();
  connections[0]!.send(message(7));
  await seconds(0);
  await show(true);
  expect(connections[0]!.signal.aborted).toBe(true);
  expect(stream!.state.value).toBe("paused");
  await seconds(60);
  expect(connections).toHaveLength(1);
  await show(false);
  expect(connections[1]!.headers["Last-Event-ID"]).toBe("7");
  expect(onResync).not.toHaveBeenCalled();
});

test("a page that was hidden for long reads all anew", async () => {
  await begin();
  connections[0]!.send(message(7));
  await seconds(0);
  await show(true);
  await seconds(600);
  await show(false);
  expect(connections[1]!.headers["Last-Event-ID"]).toBeUndefined();
  expect(onResync).toHaveBeenCalledOnce();
});

test("a closed stream is quiet", async () => {
  await begin();
  stream!.close();
  await show(true);
  await show(false);
  await seconds(60);
  expect(connections).toHaveLength(1);
  expect(connections[0]!.signal.aborted).toBe(true);
});
