"use client";

import { useEffect, useId, useState } from "react";
import { signOut } from "@/api/session";
import type { User } from "@/api/types";
import { Button, SelectField } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { languages, useTranslation, type Language } from "@/i18n";
import { readTheme, setTheme, type Theme } from "./theme";
import styles from "./AccountMenu.module.css";

/** Who is signed in, and what concerns this person and browser alone. */
export function AccountMenu({ user }: { user: User }) {
  const { t, language, setLanguage } = useTranslation();
  const id = useId();
  const [theme, chooseTheme] = useState<Theme>("system");
  useEffect(() => chooseTheme(readTheme()), []);
  return (
    <div className={styles.account}>
      <button type="button" className={styles.trigger} popoverTarget={id} aria-label={`${t("account.menu")}: ${user.name || user.email}`}>
        <span className={styles.avatar} aria-hidden="true">{(user.name || user.email).slice(0, 1).toUpperCase()}</span>
        <span className={styles.names}>
          <span>{user.name || user.email}</span>
          <span className={styles.organization}>{user.organization_name}</span>
        </span>
      </button>
      <div id={id} popover="auto" className={styles.menu} role="group" aria-label={t("account.menu")}>
        <div className={styles.who}>
          <strong>{user.email}</strong>
          <span>{t(`role.${user.user_role}`)} · {user.organization_name}</span>
        </div>
        <SelectField
          label={t("account.theme")} value={theme}
          onChange={event => {
            chooseTheme(event.target.value as Theme);
            setTheme(event.target.value as Theme);
          }}
        >
          <option value="system">{t("account.theme.system")}</option>
          <option value="light">{t("account.theme.light")}</option>
          <option value="dark">{t("account.theme.dark")}</option>
        </SelectField>
        <SelectField label={t("account.language")} value={language} onChange={event => setLanguage(event.target.value as Language)}>
          {Object.entries(languages).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
        </SelectField>
        <Button wide onClick={() => void signOut().catch(() => undefined)}><Icon name="user" />{t("account.signOut")}</Button>
      </div>
    </div>
  );
}
