"use client";

import { ButtonLink } from "@/design/controls";
import styles from "@/features/auth/AuthPage.module.css";
import { Brand } from "@/features/shell/Brand";
import { useTranslation } from "@/i18n";

export default function NotFound() {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <div className={styles.column}>
        <div className={styles.head}><Brand /></div>
        <section className={styles.card} aria-labelledby="title">
          <h1 id="title">{t("page.missing.title")}</h1>
          <p>{t("page.missing.text")}</p>
          <ButtonLink href="/">{t("page.missing.action")}</ButtonLink>
        </section>
      </div>
    </main>
  );
}
