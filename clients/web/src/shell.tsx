import type { ComponentChildren, JSX } from "preact";
import { useCallback } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { ICONS, type IconName } from "@/components/icons";
import { Banners, Toasts } from "@/components/notices";
import { LanguageChoice } from "@/components/language";
import { PersonName } from "@/components/values";
import { t } from "@/i18n";
import { Pages } from "@/router";
import { me, sessionKnown } from "@/session";
import { useBackButton } from "@/telegram";

interface Place {
  href: string;
  text: string;
  icon: IconName;
  /** What else belongs to it. */
  below?: readonly string[];
}

const PLACES: readonly Place[] = [
  { href: "/", text: "nav-home", icon: "home" },
  { href: "/market", text: "nav-market", icon: "market" },
  { href: "/queues", text: "nav-queues", icon: "queues", below: ["/rounds"] },
  { href: "/wallet", text: "nav-wallet", icon: "wallet", below: ["/pay", "/receipt"] },
  { href: "/parliament", text: "nav-parliament", icon: "parliament" },
  { href: "/economy", text: "nav-economy", icon: "economy" },
  { href: "/explorer", text: "nav-explorer", icon: "explorer" },
  { href: "/leaderboards", text: "nav-leaderboards", icon: "leaderboards", below: ["/people"] },
  { href: "/profile", text: "nav-profile", icon: "profile" },
];

/** Where there is little room, what is not among these is behind "More". */
const FIRST = PLACES.slice(0, 4);
export const FURTHER = PLACES.slice(4);

const MORE: Place = { href: "/more", text: "nav-more", icon: "more", below: FURTHER.flatMap(({ href, below }) => [href, ...(below ?? [])]) };

export function Shell(): JSX.Element {
  const [location, navigate] = useLocation();
  const back = useCallback(() => (history.length > 1 ? history.back() : navigate("/")), [navigate]);
  useBackButton(FIRST.some(({ href }) => href === location) ? undefined : back);
  return (
    <div class="shell">
      <a class="skip" href="#content">{t("skip")}</a>
      <aside class="side">
        <Link href="/" className="brand">
          <img src="/ticket.svg" alt="" width="36" height="36" />
          <span>Ticketonomics</span>
        </Link>
        <nav aria-label={t("nav")}>{PLACES.map((place) => <PlaceLink key={place.href} place={place} location={location} />)}</nav>
        <div class="side-foot">
          <LanguageChoice />
          <Who />
        </div>
      </aside>
      <div class="content">
        <Banners />
        <main id="content">
          <Pages />
        </main>
      </div>
      <nav class="bar" aria-label={t("nav")}>
        {[...FIRST, MORE].map((place) => <PlaceLink key={place.href} place={place} location={location} />)}
      </nav>
      <Toasts />
    </div>
  );
}

function Who(): ComponentChildren {
  if (!sessionKnown.value) return null;
  return me.value?.personId ? (
    <p class="who">{me.value.displayName || <PersonName personId={me.value.personId} plain />}</p>
  ) : (
    <Link href="/profile" className="button button-primary button-small">{t("signin-title")}</Link>
  );
}

function PlaceLink({ place, location }: { place: Place; location: string }): JSX.Element {
  const Icon = ICONS[place.icon];
  return (
    <Link href={place.href} className="place" aria-current={isAt(place, location) ? "page" : undefined}>
      <Icon />
      <span>{t(place.text)}</span>
    </Link>
  );
}

function isAt({ href, below = [] }: Place, location: string): boolean {
  if (href === "/") return location === "/";
  return [href, ...below].some((start) => location === start || location.startsWith(`${start}/`));
}
