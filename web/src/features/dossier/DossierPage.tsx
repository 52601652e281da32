"use client";

import { Page } from "@/design/Page";
import { useTranslation } from "@/i18n";
import { Download } from "./Download";
import { HowToVerify } from "./HowToVerify";
import { SystemCardView } from "./SystemCardView";
import styles from "./Dossier.module.css";

export function DossierPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("page.dossier")} text={t("dossier.text")}>
      <div className={styles.columns}>
        <SystemCardView />
        <div className={styles.column}>
          <Download />
          <HowToVerify />
        </div>
      </div>
    </Page>
  );
}
