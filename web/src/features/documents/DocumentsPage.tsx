"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { listDocuments } from "@/api/endpoints";
import { getSession, subscribeToSession } from "@/api/session";
import type { DocumentItem } from "@/api/types";
import { Button, ButtonLink, Spinner } from "@/design/controls";
import { Page } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { DocumentList } from "./DocumentList";
import { DropZone } from "./DropZone";
import { PassageSearch } from "./PassageSearch";
import { UploadList } from "./UploadList";
import { Uploads } from "./uploads";
import styles from "./Documents.module.css";

/** How often a document that is being indexed is looked at. */
const POLL_MS = 1_500;

const stored = new Set<() => void>();
const uploads = new Uploads(undefined, () => stored.forEach(listener => listener()));
if (typeof window !== "undefined") subscribeToSession(() => getSession().status === "out" && uploads.clear());

const isUnderway = (document: DocumentItem) => document.status === "queued" || document.status === "indexing";

export function DocumentsPage() {
  const { t } = useTranslation();
  const user = useUser();
  const queries = useQueryClient();
  const sending = useSyncExternalStore(uploads.subscribe, uploads.getList, uploads.getList);
  const list = useInfiniteQuery({
    queryKey: ["documents"],
    queryFn: ({ pageParam, signal }) => listDocuments(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
    refetchInterval: query => query.state.data?.pages.some(page => page.items.some(isUnderway)) ? POLL_MS : false,
  });
  useEffect(() => {
    const refresh = () => void queries.invalidateQueries({ queryKey: ["documents"] });
    stored.add(refresh);
    return () => void stored.delete(refresh);
  }, [queries]);

  const items = list.data?.pages.flatMap(page => page.items) ?? [];
  // What has arrived and is in the list needs no second row.
  const arrived = sending.find(upload => upload.state === "stored" && items.some(item => item.id === upload.document?.id));
  useEffect(() => {
    if (arrived) uploads.dismiss(arrived.key);
  }, [arrived]);

  const mayUpload = user.user_role === "admin" || user.user_role === "member";
  const isEmpty = list.isSuccess && items.length === 0;
  return (
    <Page
      title={t("page.documents")} text={t(mayUpload ? "documents.text" : "documents.text.reader")}
      actions={items.some(item => item.status === "ready") && user.user_role !== "auditor" && <ButtonLink href="/chat" icon="chat">{t("documents.ask")}</ButtonLink>}
    >
      {mayUpload && <DropZone first={isEmpty && sending.length === 0} onFiles={files => uploads.add(files)} />}
      {sending.length > 0 && <UploadList uploads={sending} onDismiss={key => uploads.dismiss(key)} onRetry={key => uploads.retry(key)} />}
      <ProblemCallout problem={list.error} actions={<Button small icon="refresh" onClick={() => void list.refetch()}>{t("app.retry")}</Button>} />
      {list.isPending && <div className={styles.loading}><Spinner /></div>}
      {isEmpty && !mayUpload && <p className={styles.faint}>{t("documents.empty.reader")}</p>}
      {items.length > 0 && <DocumentList items={items} more={list.hasNextPage ? { busy: list.isFetchingNextPage, load: () => void list.fetchNextPage() } : null} />}
      <PassageSearch />
    </Page>
  );
}
