import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { Button, Field } from "@/components";
import { errorText, t } from "@/i18n";
import { byHandle } from "@/people";
import { ApiError } from "@/problems";
import { readSearch, type Found } from "@/explorer/search";

/** Leads to whatever was typed: a transaction, a block, an account, a person, an asset. */
export function SearchBox(): JSX.Element {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();

  const search = async (): Promise<void> => {
    const found = readSearch(typed);
    if (!found) {
      setProblem(t(typed.trim() ? "explorer-search-unreadable" : "explorer-search-empty"));
      return;
    }
    setBusy(true);
    try {
      go(await addressOf(found));
    } catch (thrown) {
      setProblem(errorText(ApiError.from(thrown)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void search();
      }}
    >
      <Field
        type="search"
        label={t("explorer-search")}
        hint={t("explorer-search-hint")}
        error={problem || undefined}
        value={typed}
        maxLength={200}
        onInput={(value) => {
          setTyped(value);
          setProblem("");
        }}
      />
      <Button type="submit" kind="primary" busy={busy}>{t("explorer-search-go")}</Button>
    </form>
  );
}

async function addressOf(found: Found): Promise<string> {
  switch (found.kind) {
    case "transaction":
      return `/explorer/transactions/${found.id}`;
    case "block":
      return `/explorer/blocks/${found.height}`;
    case "account":
      return `/explorer/accounts/${found.address}`;
    case "asset":
      return `/explorer/assets/${found.code}`;
    case "handle": {
      const someone = await byHandle(found.handle);
      return `/explorer/accounts/${someone.account ?? `users/${someone.personId}`}`;
    }
  }
}
