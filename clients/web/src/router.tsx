import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Route, Switch } from "wouter-preact";
import { ButtonLink, EmptyState, ErrorState, Page, Skeleton } from "@/components";
import { t } from "@/i18n";
import { ApiError } from "@/problems";
import { sessionKnown, signedIn } from "@/session";
import { SignIn } from "@/signin";

export interface PageProps {
  params: Record<string, string | undefined>;
}

/** A page is the default export of `src/pages/<page>.tsx`; its chunk is loaded when it is opened. */
const chunks = import.meta.glob<{ default: ComponentType<PageProps> }>("./pages/*.tsx");

interface PageRoute {
  path: string;
  page: string;
  /** Only for people who are signed in; others see the sign-in page in its place. */
  personal?: boolean;
}

export const ROUTES: readonly PageRoute[] = [
  { path: "/", page: "home" },
  { path: "/market", page: "market" },
  { path: "/market/:pool", page: "market" },
  { path: "/queues", page: "queues" },
  { path: "/queues/:tier/:size", page: "queue" },
  { path: "/rounds/:id", page: "round" },
  { path: "/parliament", page: "parliament" },
  { path: "/parliament/:id", page: "proposal" },
  { path: "/wallet", page: "wallet", personal: true },
  { path: "/wallet/:part", page: "wallet", personal: true },
  { path: "/pay", page: "pay", personal: true },
  { path: "/pay/:handle", page: "pay", personal: true },
  { path: "/explorer", page: "explorer" },
  { path: "/explorer/blocks/:height", page: "block" },
  { path: "/explorer/transactions/:id", page: "transaction" },
  { path: "/explorer/accounts/*", page: "account" },
  { path: "/explorer/assets", page: "assets" },
  { path: "/explorer/assets/:code", page: "asset" },
  { path: "/economy", page: "economy" },
  { path: "/economy/:part", page: "economy" },
  { path: "/profile", page: "profile", personal: true },
  { path: "/profile/:part", page: "profile", personal: true },
  { path: "/people/:id", page: "people" },
  { path: "/leaderboards", page: "leaderboards" },
  { path: "/leaderboards/:board", page: "leaderboards" },
  { path: "/receipt/:id", page: "receipt" },
  { path: "/receipt", page: "receipt" },
  { path: "/more", page: "more" },
];

export function Pages(): JSX.Element {
  return (
    <Switch>
      {ROUTES.map(({ path, page, personal }) => (
        <Route key={path} path={path}>
          {(params: Record<string, string | undefined>) => (personal ? <Personal page={page} params={params} /> : <Chunk page={page} params={params} />)}
        </Route>
      ))}
      <Route><NotFound /></Route>
    </Switch>
  );
}

function Personal(props: { page: string } & PageProps): JSX.Element {
  if (!sessionKnown.value) return <Skeleton lines={5} />;
  return signedIn.value ? <Chunk {...props} /> : <SignIn />;
}

const loaded = new Map<string, ComponentType<PageProps>>();

function Chunk({ page, params }: { page: string } & PageProps): JSX.Element {
  const load = chunks[`./pages/${page}.tsx`];
  const [failed, setFailed] = useState(false);
  const [, setRound] = useState(0);
  const Found = loaded.get(page);

  useEffect(() => {
    if (Found || !load || failed) return;
    load().then(
      (chunk) => {
        loaded.set(page, chunk.default);
        setRound((round) => round + 1);
      },
      () => setFailed(true),
    );
  }, [page, failed]);

  if (!load) return <NotFound />;
  // A chunk is gone after a new version was installed: only a reload finds the new ones.
  if (failed) return <ErrorState error={ApiError.local("OFFLINE")} retry={() => location.reload()} />;
  return Found ? <Found params={params} /> : <Skeleton lines={6} />;
}

function NotFound(): JSX.Element {
  return (
    <Page title={t("not-found-title")}>
      <EmptyState title={t("not-found-text")} action={<ButtonLink href="/" kind="primary">{t("nav-home")}</ButtonLink>} />
    </Page>
  );
}
