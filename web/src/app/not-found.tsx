"use client";

import { ButtonLink } from "@/design/controls";
import { Empty } from "@/design/surfaces";
import { useTranslation } from "@/i18n";

export default function NotFound() {
  const { t } = useTranslation();
  return (
    <main>
      <Empty title={t("page.missing.title")}>
        <p>{t("page.missing.text")}</p>
        <ButtonLink href="/">{t("page.missing.action")}</ButtonLink>
      </Empty>
    </main>
  );
}
