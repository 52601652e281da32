"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter, useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { listAudit, type AuditFilter } from "@/api/endpoints";
import type { AuditItem } from "@/api/types";
import { Button, Spinner } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Dialog, Empty } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { EntryList } from "./EntryList";
import { Filters } from "./Filters";
import { usePeople } from "@/session/usePeople";
import { Verification } from "./Verification";
import styles from "./AuditPage.module.css";

const PAGE_SIZE = 200;

// The list is what one comes for; what an entry takes to be shown comes when one is opened.
const EntryView = dynamic(() => import("./EntryView").then(({ EntryView }) => EntryView), { ssr: false, loading: () => <Spinner /> });
const EntryOfId = dynamic(() => import("./EntryView").then(({ EntryOfId }) => EntryOfId), { ssr: false, loading: () => <Spinner /> });

export function AuditPage() {
  const { t, number } = useTranslation();
  const people = usePeople();
  const [filter, setFilter] = useState<AuditFilter>({});
  const [opened, setOpened] = useState<AuditItem | null>(null);
  const linked = useSearchParams().get("entry");
  const router = useRouter();
  const list = useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => listAudit(filter, pageParam, PAGE_SIZE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  });
  const items = useMemo(() => list.data?.pages.flatMap(page => page.items) ?? [], [list.data]);
  return (
    <div className={styles.page}>
      <Verification />
      <Filters filter={filter} onChange={setFilter} members={people.members} />
      <ProblemCallout problem={list.error} actions={<Button small icon="refresh" onClick={() => void list.refetch()}>{t("app.retry")}</Button>} />
      {list.isPending && <div className={styles.loading}><Spinner /></div>}
      {list.isSuccess && items.length === 0 && <Empty title={t("audit.empty")}><p>{t("audit.empty.text")}</p></Empty>}
      {items.length > 0 && (
        <EntryList
          items={items} nameOf={people.nameOf} onOpen={setOpened} loadingMore={list.isFetchingNextPage}
          onNearEnd={() => list.hasNextPage && !list.isFetching && void list.fetchNextPage()}
        />
      )}
      <Dialog open={opened !== null} side="end" title={opened ? t("audit.entry", { sequence: number(opened.sequence) }) : ""} closeName={t("app.close")} onClose={() => setOpened(null)}>
        {opened && <EntryView key={opened.id} item={opened} nameOf={people.nameOf} />}
      </Dialog>
      <Dialog open={linked !== null} side="end" title={t("audit.entry.linked")} closeName={t("app.close")} onClose={() => router.replace("/audit")}>
        {linked !== null && <EntryOfId key={linked} id={linked} nameOf={people.nameOf} />}
      </Dialog>
    </div>
  );
}
