"use client";

import { useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";
import { Brand } from "@/features/shell/Brand";
import { firstPage } from "@/features/shell/pages";
import { useTranslation } from "@/i18n";
import { useSession } from "@/session/useSession";
import styles from "./AuthPage.module.css";

/** The frame of the pages for people who are not signed in; whoever is goes on to where they wanted to. */
export function AuthPage({ title, children }: { title: string; children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const { t } = useTranslation();
  useEffect(() => {
    if (session.status === "in") router.replace(wantedPage() ?? firstPage(session.user.user_role));
  }, [session, router]);
  return (
    <main className={styles.page}>
      <div className={styles.column}>
        <div className={styles.head}>
          <Brand />
          <p>{t("app.tagline")}</p>
        </div>
        <section className={styles.card} aria-labelledby="title">
          <h1 id="title">{title}</h1>
          {children}
        </section>
      </div>
    </main>
  );
}

/** Only addresses of this app: "//elsewhere" and "https:" are none. */
function wantedPage(): string | null {
  const next = new URLSearchParams(location.search).get("next");
  return next && /^\/(?![/\\])/.test(next) ? next : null;
}
