"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { listAudit } from "@/api/endpoints";
import { Button, Spinner } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Badge, Empty } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Verification } from "./Verification";
import styles from "./AuditPage.module.css";

const PAGE_SIZE = 100;

export function AuditPage() {
  const { t, number, exactTime } = useTranslation();
  const list = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => listAudit({}, pageParam, PAGE_SIZE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  });
  const items = list.data?.pages.flatMap(page => page.items) ?? [];
  return (
    <div className={styles.page}>
      <Verification />
      <ProblemCallout problem={list.error} />
      {list.isPending && <Spinner />}
      {list.isSuccess && items.length === 0 && <Empty title={t("audit.empty")} />}
      {items.length > 0 && (
        <div className={styles.frame}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t("audit.column.sequence")}</th>
                <th scope="col">{t("audit.column.time")}</th>
                <th scope="col">{t("audit.column.event")}</th>
                <th scope="col">{t("audit.column.flags")}</th>
                <th scope="col">{t("audit.column.hash")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map(item => (
                <tr key={item.id}>
                  <td>{number(item.sequence)}</td>
                  <td>{exactTime(item.created_at)}</td>
                  <td><code>{item.event_type}</code></td>
                  <td>{flagsOf(item.data).map(flag => <Badge key={flag} tone="warn">{flag}</Badge>)}</td>
                  <td><code title={item.entry_hash}>{item.entry_hash.slice(0, 12)}…</code></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("app.more")}</Button>}
    </div>
  );
}

const flagsOf = (data: Record<string, unknown> | null): string[] => Array.isArray(data?.flags) ? data.flags as string[] : [];
