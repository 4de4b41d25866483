import type { JSX } from "preact";
import { Page, Tabs } from "@/components";
import { t } from "@/i18n";
import { nameOf } from "@/people";
import { Achievements } from "@/pages/profile/achievements";
import { Identities } from "@/pages/profile/identities";
import { Level } from "@/pages/profile/level";
import { Names } from "@/pages/profile/names";
import { PersonalData } from "@/pages/profile/personal-data";
import { Preferences } from "@/pages/profile/preferences";
import "@/pages/profile/profile.css";
import type { PageProps } from "@/router";
import { me } from "@/session";

/** Who I am here, what I have done, and how I want it. */
export default function Profile({ params }: PageProps): JSX.Element {
  const person = me.value;
  const personId = person?.personId ?? "";
  const settings = params["part"] === "settings";
  return (
    <Page title={person?.displayName || nameOf(person, personId)} lead={person?.handle ? `@${person.handle}` : undefined}>
      <Tabs
        label={t("nav-profile")}
        current={settings ? "/profile/settings" : "/profile"}
        tabs={[
          { href: "/profile", label: t("profile-deeds") },
          { href: "/profile/settings", label: t("profile-settings") },
        ]}
      />
      {settings ? (
        <div class="profile">
          <Names />
          <Preferences />
          <Identities />
          <PersonalData />
        </div>
      ) : (
        <div class="profile">
          <Level personId={personId} />
          <Achievements personId={personId} />
        </div>
      )}
    </Page>
  );
}
