import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const PAGES = join(import.meta.dirname, "src/locales");
const SHARED = join(import.meta.dirname, "../locales/src/ticketonomics_locales");

/** The Fluent files of a language: those of the pages, and those that all programs share. */
export function filesOf(language: string): string[] {
  return [PAGES, SHARED].flatMap((root) => {
    const folder = join(root, language);
    const names = readdirSync(folder).filter((name) => name.endsWith(".ftl"));
    return names.sort().map((name) => join(folder, name));
  });
}

/** Makes `virtual:locale/en` one module with all texts of a language, so that one request loads them. */
export function locales(): Plugin {
  return {
    name: "locales",
    resolveId: (id) => (id.startsWith("virtual:locale/") ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith("\0virtual:locale/")) return undefined;
      const files = filesOf(id.slice("\0virtual:locale/".length));
      for (const file of files) this.addWatchFile(file);
      const texts = files.map((file) => readFileSync(file, "utf8")).join("\n");
      return `export default ${JSON.stringify(withoutComments(texts))}`;
    },
  };
}

function withoutComments(texts: string): string {
  return texts.replace(/^#.*\n/gm, "").replace(/\n{2,}/g, "\n");
}
