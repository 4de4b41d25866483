import type { JSX } from "preact";
import { Choice } from "@/components/basics";
import { language, LANGUAGES, loadLanguage, t, type Language } from "@/i18n";
import { haptic } from "@/telegram";

/** Names of the languages in themselves, so that everybody finds the own one. */
const NAMES: Record<Language, string> = { en: "English", ru: "Русский" };

/** Chooses the language of this browser; `onChosen` lets others know. */
export function LanguageChoice({ onChosen }: { onChosen?: (wanted: Language) => void }): JSX.Element {
  async function choose(wanted: Language): Promise<void> {
    haptic("select");
    await loadLanguage(wanted, true);
    onChosen?.(wanted);
  }
  return (
    <Choice
      label={t("language")}
      value={language.value}
      onChange={(wanted) => void choose(wanted)}
      options={LANGUAGES.map((value) => ({ value, label: <span lang={value}>{NAMES[value]}</span> }))}
    />
  );
}
