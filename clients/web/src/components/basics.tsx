import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Link } from "wouter-preact";
import { t } from "@/i18n";
import { haptic } from "@/telegram";

/** A page: its title is the document's. When it is opened it begins at its top, and its heading takes the focus. */
export function Page({ title, lead, actions, children }: { title: string; lead?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Ticketonomics`;
  }, [title]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    window.scrollTo(0, 0);
    if (!document.querySelector("dialog[open]")) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1 tabIndex={-1} ref={heading}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A card; `ticket` gives it the notches and the perforation of a ticket. */
export function Card({ title, actions, ticket, tone, children, class: extra = "" }: { title?: ComponentChildren; actions?: ComponentChildren; ticket?: boolean; tone?: "plain" | "accent"; children: ComponentChildren; class?: string }): JSX.Element {
  const heading = useId();
  return (
    <section class={`card ${ticket ? "card-ticket" : ""} ${tone === "accent" ? "card-accent" : ""} ${extra}`} aria-labelledby={title ? heading : undefined}>
      {title && (
        <div class="card-head">
          <h2 id={heading}>{title}</h2>
          {actions && <div class="card-actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

export interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: "primary" | "secondary" | "quiet" | "danger";
  size?: "normal" | "small" | "wide";
  type?: "button" | "submit";
  busy?: boolean;
  disabled?: boolean;
  label?: string;
  pressed?: boolean;
}

/** A button. Busy, it stays in its place and its size, and takes no second press. */
export function Button({ children, onClick, kind = "secondary", size = "normal", type = "button", busy = false, disabled = false, label, pressed }: ButtonProps): JSX.Element {
  const press = (): void => {
    if (busy) return;
    haptic("tap");
    onClick?.();
  };
  return (
    <button type={type} class={`button button-${kind} button-${size}`} onClick={type === "submit" && !onClick ? undefined : press} disabled={disabled} aria-disabled={busy || undefined} aria-busy={busy || undefined} aria-label={label} aria-pressed={pressed}>
      <span class="button-text">{children}</span>
      {busy && <span class="spinner" role="status" aria-label={t("busy")} />}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ href, children, kind = "secondary", size = "normal" }: { href: string; children: ComponentChildren; kind?: ButtonProps["kind"]; size?: ButtonProps["size"] }): JSX.Element {
  return (
    <Link href={href} className={`button button-${kind} button-${size}`}>
      <span class="button-text">{children}</span>
    </Link>
  );
}

export interface Tab {
  href: string;
  label: string;
  count?: number | undefined;
}

/** Parts of a page, each with an address of its own. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }): JSX.Element {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the tab that is shown may be beyond the edge.
    const [nav, tab] = [bar.current, bar.current?.querySelector<HTMLElement>("[aria-current]")];
    if (nav && tab) nav.scrollLeft = tab.offsetLeft - nav.offsetLeft - (nav.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <nav class="tabs" aria-label={label} ref={bar}>
      {tabs.map((tab) => (
        <Link key={tab.href} href={tab.href} className="tab" aria-current={tab.href === current ? "page" : undefined}>
          {tab.label}
          {tab.count ? <span class="count">{tab.count}</span> : null}
        </Link>
      ))}
    </nav>
  );
}

/** One of a few values, as buttons in a row. */
export function Choice<Value extends string>({ label, options, value, onChange }: { label: string; options: readonly { value: Value; label: ComponentChildren }[]; value: Value; onChange: (value: Value) => void }): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" class="choice-option" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** Pairs of a name and a value, such as the lines of a confirmation. */
export function Facts({ facts }: { facts: readonly (readonly [ComponentChildren, ComponentChildren] | false | undefined | null)[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.filter((fact): fact is readonly [ComponentChildren, ComponentChildren] => Boolean(fact)).map(([name, value], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar that fills; `label` says what it is, for those who do not see it. */
export function Meter({ value, most, label, text }: { value: number; most: number; label: string; text?: string }): JSX.Element {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
  return (
    <div class="meter" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.min(value, most)} aria-valuetext={text}>
      <span style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
