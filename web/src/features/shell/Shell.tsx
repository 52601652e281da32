"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { getOrganization } from "@/api/endpoints";
import { renew } from "@/api/session";
import type { User } from "@/api/types";
import { Button, IconButton, Spinner } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { Callout, Dialog } from "@/design/surfaces";
import { PageWords, useTranslation } from "@/i18n";
import { useSession } from "@/session/useSession";
import { AccountMenu } from "./AccountMenu";
import { Brand } from "./Brand";
import { pagesOf } from "./pages";
import styles from "./Shell.module.css";

/** What stands around every page of a signed-in person; sends others to sign in, and back here afterwards. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const { t } = useTranslation();
  useEffect(() => {
    if (session.status !== "out") return;
    const here = location.pathname + location.search;
    router.replace(here === "/chat" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
  }, [session.status, router]);

  if (session.status === "unreachable") {
    return (
      <main className={styles.center}>
        <Callout tone="bad" live title={t("auth.unreachable")} actions={<Button icon="refresh" onClick={() => void renew()}>{t("app.retry")}</Button>}>
          {t("auth.unreachable.text")}
        </Callout>
      </main>
    );
  }

  if (session.status !== "in") return <main className={styles.center} aria-busy="true"><Spinner /><span className="hidden-visually">{t("app.loading")}</span></main>;
  return <SignedIn user={session.user}>{children}</SignedIn>;
}

function SignedIn({ user, children }: { user: User; children: ReactNode }) {
  const { t } = useTranslation();
  const path = usePathname();
  const [menuOpen, setMenuOpen] = useState(false);
  useEffect(() => setMenuOpen(false), [path]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">{t("app.skip")}</a>
      <header className={styles.bar}>
        <IconButton name={t("app.menu")} icon="menu" onClick={() => setMenuOpen(true)} />
        <Brand />
      </header>
      <header className={styles.sidebar}><Side user={user} path={path} /></header>
      <Dialog open={menuOpen} side="start" title={t("app.name")} closeName={t("app.close")} onClose={() => setMenuOpen(false)}>
        <Side user={user} path={path} inDrawer />
      </Dialog>
      <main id="content" className={styles.content} tabIndex={-1}>
        <Offline />
        <Suspended user={user} />
        {path === "/chat" ? children : (
          <PageWords
            waiting={<div className={styles.wait}><Spinner /><span className="hidden-visually">{t("app.loading")}</span></div>}
            failed={again => (
              <div className={styles.wait}>
                <Callout tone="bad" live title={t("problem.offline.title")} actions={<Button small icon="refresh" onClick={again}>{t("app.retry")}</Button>}>{t("problem.offline.text")}</Callout>
              </div>
            )}
          >
            {children}
          </PageWords>
        )}
      </main>
    </div>
  );
}

/** Says that the network is away as soon as the browser knows, before anything fails for it. */
function Offline() {
  const { t } = useTranslation();
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine, () => true);
  return <div role="status">{!online && <p className={styles.offline}><Icon name="alert" />{t("app.offline")}</p>}</div>;
}

/** How often every page looks whether somebody stopped the assistant. */
const SUSPENSION_POLL_MS = 30_000;

/** Says on every page that nobody can chat, why, and where that can be changed. */
function Suspended({ user }: { user: User }) {
  const { t } = useTranslation();
  const organization = useQuery({ queryKey: ["organization"], queryFn: ({ signal }) => getOrganization(signal), refetchInterval: SUSPENSION_POLL_MS });
  const mayResume = user.user_role === "admin" || user.user_role === "compliance";
  return (
    <div role="status">
      {organization.data?.suspended && (
        <p className={styles.suspended}>
          <Icon name="stop" />
          <span><strong>{t("suspended.title")}.</strong> {t("suspended.text", { reason: organization.data.suspended_reason ?? "" })}</span>
          {mayResume && <Link href="/oversight">{t("suspended.link")}</Link>}
        </p>
      )}
    </div>
  );
}

function subscribeToNetwork(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

function Side({ user, path, inDrawer }: { user: User; path: string; inDrawer?: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {!inDrawer && <div className={styles.brand}><Brand /></div>}
      <nav aria-label={t("app.navigation")}>
        <ul role="list" className={styles.nav}>
          {pagesOf(user.user_role).map(page => (
            <li key={page.href}>
              <Link href={page.href} aria-current={path === page.href ? "page" : undefined}><Icon name={page.icon} />{t(page.name)}</Link>
            </li>
          ))}
        </ul>
      </nav>
      <AccountMenu user={user} />
    </>
  );
}
