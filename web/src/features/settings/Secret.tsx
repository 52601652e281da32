"use client";

import { CopyButton } from "@/design/CopyButton";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import styles from "./Settings.module.css";

/** A secret that the server shows once and never again. */
export function Secret({ title, text, value }: { title: string; text: string; value: string }) {
  const { t } = useTranslation();
  return (
    <Callout tone="good" live title={title}>
      <span>{text}</span>
      <span className={styles.secret}><code>{value}</code><CopyButton name={t("app.copy")} text={value} /></span>
    </Callout>
  );
}
