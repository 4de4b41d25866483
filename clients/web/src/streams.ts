import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { createParser } from "eventsource-parser";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { addressOf, type Query } from "@/paths";
import { ApiError, problemOf } from "@/problems";

/** `paused` while the page is hidden; `failed` when asking again cannot help. */
export type StreamState = "connecting" | "live" | "reconnecting" | "paused" | "failed";

export interface StreamHandlers<T> {
  onMessage: (message: T, cursor: string) => void;
  /** Something may have been missed: read the whole again. */
  onResync?: (() => void) | undefined;
}

export interface Stream {
  state: ReadonlySignal<StreamState>;
  close: () => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Servers send something at least every 15 s: after this much silence a connection is dead. */
const SILENCE_MS = 40_000;
/** Hidden for longer, a page reads the whole again instead of everything that happened since. */
const LONG_HIDDEN_MS = 120_000;

const open = signal(new Set<Signal<StreamState>>());

/** Whether any stream of the page has lost its connection and looks for a new one. */
export const reconnecting = computed(() => [...open.value].some((state) => state.value === "reconnecting"));

/** Follows a server-streaming method from its last cursor, through lost connections and hidden pages. */
export function openStream<T>(path: string, query: Query, handlers: StreamHandlers<T>): Stream {
  const state = signal<StreamState>("connecting");
  let cursor = "";
  let seen = false;
  let attempts = 0;
  let hiddenSince = 0;
  let connection: AbortController | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function connect(): void {
    clearTimeout(retry);
    connection?.abort();
    if (closed) return;
    if (document.hidden) {
      state.value = "paused";
      return;
    }
    const current = (connection = new AbortController());
    void follow(current).then(
      () => lost(current, undefined),
      (thrown: unknown) => lost(current, thrown),
    );
  }

  async function follow(current: AbortController): Promise<void> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (cursor) headers["Last-Event-ID"] = cursor;
    const init: RequestInit = { headers, signal: current.signal, credentials: "same-origin", cache: "no-store" };
    const response = await fetch(addressOf(path, query), init);
    if (!response.ok || !response.body) throw await problemOf(response);
    if (seen && !cursor) handlers.onResync?.();
    seen = true;
    attempts = 0;
    state.value = "live";
    let problem: ApiError | undefined;
    const parser = createParser({
      onEvent: (event) => {
        if (current.signal.aborted) return;
        if (event.event === "problem") {
          problem = new ApiError(JSON.parse(event.data) as object);
          return;
        }
        if (event.id) cursor = event.id;
        handlers.onMessage(JSON.parse(event.data) as T, cursor);
      },
    });
    await feed(response.body, current, (text) => parser.feed(text));
    if (problem) throw problem;
  }

  function lost(current: AbortController, thrown: unknown): void {
    if (closed || current !== connection || state.value === "paused") return;
    current.abort();
    if (thrown instanceof ApiError && !thrown.passing && thrown.status !== 429) {
      // A cursor that is refused is given up once; anything else that is refused stays so.
      if (!cursor) {
        state.value = "failed";
        return;
      }
      cursor = "";
    }
    state.value = "reconnecting";
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts++);
    retry = setTimeout(connect, longest * (0.5 + Math.random() / 2));
  }

  function onVisibility(): void {
    if (document.hidden) {
      hiddenSince = Date.now();
      state.value = "paused";
      clearTimeout(retry);
      connection?.abort();
      return;
    }
    if (hiddenSince && Date.now() - hiddenSince > LONG_HIDDEN_MS) cursor = "";
    hiddenSince = 0;
    state.value = "connecting";
    connect();
  }

  function onOnline(): void {
    if (state.value === "reconnecting") connect();
  }

  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", onOnline);
  open.value = new Set(open.value).add(state);
  connect();
  return {
    state,
    close: () => {
      closed = true;
      clearTimeout(retry);
      connection?.abort();
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", onOnline);
      const left = new Set(open.value);
      left.delete(state);
      open.value = left;
    },
  };
}

/** Reads a body to its end, and gives a connection up that has been silent for too long. */
async function feed(body: ReadableStream<Uint8Array>, current: AbortController, take: (text: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let silence = setTimeout(() => current.abort(), SILENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => current.abort(), SILENCE_MS);
      take(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(silence);
  }
}

/** Follows a stream while a component is there; `path` null follows nothing. The handlers may change. */
export function useStream<T>(path: string | null, query: Query, handlers: StreamHandlers<T>): ReadonlySignal<StreamState> {
  const latest = useRef(handlers);
  latest.current = handlers;
  const state = useMemo(() => signal<StreamState>("connecting"), []);
  const asked = JSON.stringify(query, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  useEffect(() => {
    if (path === null) return undefined;
    const stream = openStream<T>(path, query, {
      onMessage: (message, cursor) => latest.current.onMessage(message, cursor),
      onResync: () => latest.current.onResync?.(),
    });
    const stop = stream.state.subscribe((value) => (state.value = value));
    return () => {
      stop();
      stream.close();
    };
  }, [path, asked]);
  return state;
}
