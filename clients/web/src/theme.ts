import { signal } from "@preact/signals";

const systemDark = typeof matchMedia === "undefined" ? undefined : matchMedia("(prefers-color-scheme: dark)");

/** Grows when the page's colours change, so that what is drawn on a canvas is drawn anew. */
export const themeChanges = signal(0);

if (systemDark) {
  systemDark.addEventListener("change", () => (themeChanges.value += 1));
  new MutationObserver(() => (themeChanges.value += 1)).observe(document.documentElement, { attributeFilter: ["data-theme", "style"] });
}

/** The value of a token of the style sheet, such as `--accent`. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
