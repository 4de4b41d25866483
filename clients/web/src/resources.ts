import { effect, signal } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAborted, online } from "@/api";
import { ApiError } from "@/problems";

/** Grows when this page has changed something: what is on the screen is then read again. */
const changes = signal(0);

const GATHER_MS = 150;
let touched = false;

/** Tells every resource on the screen that the ledger has changed; soon, so that several changes are one. */
export function touch(): void {
  if (touched) return;
  touched = true;
  setTimeout(() => {
    touched = false;
    changes.value += 1;
  }, GATHER_MS);
}

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
}

export interface ResourceOptions {
  /** Reads again so often while the page is seen. */
  everyMs?: number;
  /** Is not read again when this page has changed something. */
  lasting?: boolean;
}

/** Reads something while a component is there. Another key is another thing; `null` reads nothing. */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, options: ResourceOptions = {}): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error?: ApiError; loading: boolean }>({ key: null, loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (key === null) return undefined;
    const controller = new AbortController();
    setState((before) => ({ ...(before.key === key ? before : {}), key, loading: true }));
    latest.current(controller.signal).then(
      (data) => !controller.signal.aborted && setState({ key, data, loading: false }),
      (thrown: unknown) => {
        if (controller.signal.aborted || isAborted(thrown)) return;
        const error = ApiError.from(thrown);
        setState((before) => ({ ...(before.key === key ? before : {}), key, error, loading: false }));
      },
    );
    return () => controller.abort();
  }, [key, round]);

  useReloading(reload, options);
  const current = state.key === key;
  return { data: current ? state.data : undefined, error: current ? state.error : undefined, loading: !current || state.loading, reload };
}

function useReloading(reload: () => void, { everyMs, lasting }: ResourceOptions): void {
  useEffect(() => {
    let first = true;
    return effect(() => {
      changes.value;
      const back = online.value;
      if (first) first = false;
      else if (back && !lasting) reload();
    });
  }, [lasting]);
  useEffect(() => {
    if (!everyMs) return undefined;
    const timer = setInterval(() => document.hidden || reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}

export interface Pages<Item> {
  items: Item[];
  error: ApiError | undefined;
  loading: boolean;
  /** Whether there may be another page. */
  hasMore: boolean;
  more: () => void;
  reload: () => void;
}

export interface Page<Item> {
  items: Item[] | undefined;
  nextPageToken: string | undefined;
}

/** Reads a list page by page. A key that changes, and whatever reloads, begins with the first page. */
export function usePages<Item>(key: string | null, load: (pageToken: string, signal: AbortSignal) => Promise<Page<Item>>, options: ResourceOptions = {}): Pages<Item> {
  const latest = useRef(load);
  latest.current = load;
  const first = useResource(key, (signal) => latest.current("", signal), options);
  const [rest, setRest] = useState<{ of: unknown; items: Item[]; token: string; loading: boolean; error?: ApiError }>();
  const begun = first.data;
  const current = rest && rest.of === begun ? rest : { of: begun, items: [], token: begun?.nextPageToken ?? "", loading: false };

  const more = useCallback(() => {
    if (!begun || !current.token || current.loading) return;
    const { error: _, ...before } = current as { error?: ApiError } & typeof current;
    setRest({ ...before, loading: true });
    const keep = (next: typeof current & { error?: ApiError }): void => setRest((now) => (now?.of === begun ? next : now));
    latest.current(current.token, new AbortController().signal).then(
      (page) => keep({ of: begun, items: [...current.items, ...(page.items ?? [])], token: page.nextPageToken ?? "", loading: false }),
      (thrown: unknown) => keep({ ...before, loading: false, error: ApiError.from(thrown) }),
    );
  }, [begun, current]);

  return {
    items: [...(begun?.items ?? []), ...current.items],
    error: first.error ?? (rest?.of === begun ? rest?.error : undefined),
    loading: first.loading || current.loading,
    hasMore: current.token !== "",
    more,
    reload: first.reload,
  };
}
