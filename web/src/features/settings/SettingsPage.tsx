"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useEffect, useRef, type ComponentType } from "react";
import type { Role } from "@/api/types";
import { useTranslation, type Key } from "@/i18n";
import { useUser } from "@/session/useSession";
import { AccountSettings } from "./AccountSettings";
import { ApiKeys } from "./ApiKeys";
import { AssistantSettings } from "./AssistantSettings";
import { Members } from "./Members";
import { OrganizationSettings } from "./OrganizationSettings";
import styles from "./Settings.module.css";

interface Section {
  id: string;
  name: Key;
  roles: readonly Role[];
  View: ComponentType;
}

/** The sections, in their order. A new one is a line here and a file beside. */
const sections: readonly Section[] = [
  { id: "organization", name: "settings.organization", roles: ["admin", "compliance", "auditor", "member"], View: OrganizationSettings },
  { id: "assistant", name: "settings.assistant", roles: ["admin", "compliance", "auditor"], View: AssistantSettings },
  { id: "members", name: "settings.members", roles: ["admin"], View: Members },
  { id: "keys", name: "settings.keys", roles: ["admin"], View: ApiKeys },
  { id: "account", name: "settings.account", roles: ["admin", "compliance", "auditor", "member"], View: AccountSettings },
];

export function SettingsPage() {
  const { t } = useTranslation();
  const { user_role } = useUser();
  const asked = useSearchParams().get("section");
  const allowed = sections.filter(section => section.roles.includes(user_role));
  const current = allowed.find(section => section.id === asked) ?? allowed[0]!;
  // On a phone the sections scroll sideways: the one that is shown has to be seen.
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // In braces: newer browsers answer a promise, which React would take for the effect's end.
    void nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current.id]);
  return (
    <div className={styles.page}>
      <h1>{t("page.settings")}</h1>
      <nav ref={nav} className={styles.sections} aria-label={t("settings.sections")}>
        {allowed.map(section => (
          <Link key={section.id} href={`/settings?section=${section.id}`} prefetch={false} replace scroll={false} aria-current={section === current ? "page" : undefined}>{t(section.name)}</Link>
        ))}
      </nav>
      <current.View />
    </div>
  );
}
