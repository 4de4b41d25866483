import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { LanguageChoice, Page } from "@/components";
import { ICONS } from "@/components/icons";
import { t } from "@/i18n";
import { FURTHER } from "@/shell";

/** What has no place in the bar of a phone. */
export default function More(): JSX.Element {
  return (
    <Page title={t("nav-more")}>
      <ul class="more">
        {FURTHER.map(({ href, text, icon }) => {
          const Icon = ICONS[icon];
          return (
            <li key={href}>
              <Link href={href} className="more-link">
                <Icon />
                <span>{t(text)}</span>
                <small>{t(`${text}-about`)}</small>
              </Link>
            </li>
          );
        })}
      </ul>
      <LanguageChoice />
    </Page>
  );
}
