"use client";

import { Button } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { useTranslation } from "@/i18n";
import styles from "./Settings.module.css";

export function SaveLine({ busy, saved }: { busy: boolean; saved: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={styles.foot}>
      <Button type="submit" look="primary" busy={busy}>{t("settings.save")}</Button>
      <span role="status">{saved && <span className={styles.saved}><Icon name="check" />{t("settings.saved")}</span>}</span>
    </div>
  );
}
