import type { ComponentChildren, JSX } from "preact";
import { Button } from "@/components/basics";
import { errorText, t } from "@/i18n";
import type { ApiError } from "@/problems";
import type { Pages, Resource } from "@/resources";

/** The place of what is being read. */
export function Skeleton({ lines = 3 }: { lines?: number }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={t("loading")}>
      {Array.from({ length: lines }, (_, index) => <span key={index} />)}
    </div>
  );
}

/** There is nothing, and what to do about it. */
export function EmptyState({ title, hint, action }: { title: string; hint?: ComponentChildren; action?: ComponentChildren }): JSX.Element {
  return (
    <div class="state">
      <Stub />
      <p class="state-title">{title}</p>
      {hint && <p class="state-hint">{hint}</p>}
      {action}
    </div>
  );
}

/** It could not be read, why, and a way to try again. */
export function ErrorState({ error, retry }: { error: ApiError; retry?: () => void }): JSX.Element {
  return (
    <div class="state state-error" role="alert">
      <Stub />
      <p class="state-title">{errorText(error)}</p>
      {error.requestId && error.status >= 500 && <p class="state-hint mono">{t("error-request", { id: error.requestId })}</p>}
      {retry && <Button onClick={retry}>{t("retry")}</Button>}
    </div>
  );
}

/** A line with what went wrong, beside what is still there. */
export function ErrorLine({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }): JSX.Element {
  return (
    <p class="error-line" role="alert">
      <span>{errorText(error)}</span>
      {retry && <Button kind="quiet" size="small" onClick={retry}>{t("retry")}</Button>}
    </p>
  );
}

/** Shows a resource: its place while it is read, what went wrong, or what it is. Old content stays while new is read. */
export function Loaded<T>({ resource, lines, children }: { resource: Resource<T>; lines?: number; children: (data: T) => ComponentChildren }): JSX.Element {
  const { data, error, reload } = resource;
  if (data !== undefined)
    return (
      <>
        {error && <ErrorLine error={error} retry={reload} />}
        {children(data)}
      </>
    );
  if (error) return <ErrorState error={error} retry={reload} />;
  return <Skeleton lines={lines ?? 3} />;
}

/** Shows a list page by page. */
export function List<Item>({ pages, keyOf, children, empty }: { pages: Pages<Item>; keyOf: (item: Item) => string; children: (item: Item) => ComponentChildren; empty: ComponentChildren }): JSX.Element {
  const { items, error, loading, hasMore, more, reload } = pages;
  if (!items.length) {
    if (error) return <ErrorState error={error} retry={reload} />;
    if (loading) return <Skeleton lines={4} />;
    // A page with a filter may hold nothing and still have a next one.
    if (!hasMore) return <>{empty}</>;
  }
  return (
    <>
      <ul class="list">
        {items.map((item) => <li key={keyOf(item)}>{children(item)}</li>)}
      </ul>
      {error && <ErrorLine error={error} retry={hasMore ? more : reload} />}
      {hasMore && !error && (
        <div class="list-more">
          <Button busy={loading} onClick={more}>{t("more")}</Button>
        </div>
      )}
    </>
  );
}

/** An empty ticket, for states that would be bare otherwise. */
function Stub(): JSX.Element {
  return (
    <svg class="stub" viewBox="0 0 96 56" aria-hidden="true">
      <path d="M4 10a6 6 0 0 1 6-6h76a6 6 0 0 1 6 6v11a7 7 0 0 0 0 14v11a6 6 0 0 1-6 6H10a6 6 0 0 1-6-6V35a7 7 0 0 0 0-14z" />
      <path class="stub-cut" d="M64 6v44" />
      <path class="stub-lines" d="M18 20h34M18 30h26M18 40h18" />
    </svg>
  );
}
