"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { listIncidents } from "@/api/endpoints";
import type { IncidentStatus } from "@/api/types";
import { Button, FilterSelect, Spinner } from "@/design/controls";
import { Page } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Dialog, Empty } from "@/design/surfaces";
import { Table } from "@/design/Table";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { SeverityBadge, StatusBadge } from "./badges";
import { statuses } from "./deadline";
import { Deadline } from "./Deadline";
import { ReportForm } from "./IncidentForm";
import styles from "./Incidents.module.css";

/** All incidents that one may see, newest first. */
export function IncidentRegister({ reporting }: { reporting: string | null }) {
  const { t, time } = useTranslation();
  const { user_role } = useUser();
  const router = useRouter();
  const queries = useQueryClient();
  const [filter, setFilter] = useState<{ status?: IncidentStatus; overdue?: "true" }>({});
  const [open, setOpen] = useState(reporting !== null);
  useEffect(() => {
    if (reporting !== null) setOpen(true);
  }, [reporting]);
  const close = () => {
    setOpen(false);
    if (reporting !== null) router.replace("/incidents");
  };
  const list = useInfiniteQuery({
    queryKey: ["incidents", filter],
    queryFn: ({ pageParam, signal }) => listIncidents(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  });
  const items = list.data?.pages.flatMap(page => page.items) ?? [];
  const filtered = filter.status !== undefined || filter.overdue !== undefined;
  return (
    <Page
      title={t("page.incidents")} text={t(user_role === "member" ? "incidents.text.member" : "incidents.text")}
      actions={user_role !== "auditor" && <Button look="primary" icon="plus" onClick={() => setOpen(true)}>{t("incidents.report")}</Button>}
    >
      <div className={styles.filters} role="search">
        <FilterSelect label={t("incidents.column.status")} value={filter.overdue ? "overdue" : filter.status ?? ""} onChange={({ target: { value } }) => setFilter(value === "overdue" ? { overdue: "true" } : value ? { status: value as IncidentStatus } : {})}>
          <option value="">{t("incidents.filter.all")}</option>
          {statuses.map(status => <option key={status} value={status}>{t(`incidents.status.${status}`)}</option>)}
          <option value="overdue">{t("incidents.filter.overdue")}</option>
        </FilterSelect>
      </div>
      <ProblemCallout problem={list.error} actions={<Button small icon="refresh" onClick={() => void list.refetch()}>{t("app.retry")}</Button>} />
      {list.isPending && <div className={styles.loading}><Spinner /></div>}
      {list.isSuccess && items.length === 0 && (
        <Empty title={t(filtered ? "incidents.none" : "incidents.empty")}><p>{t(filtered ? "incidents.none.text" : "incidents.empty.text")}</p></Empty>
      )}
      {items.length > 0 && (
        <section className={`${styles.card} ${styles.register}`}>
          <Table
            label={t("page.incidents")}
            columns={[{ name: t("incidents.column.title") }, { name: t("incidents.column.severity") }, { name: t("incidents.column.category") }, { name: t("incidents.column.status") }, { name: t("incidents.column.aware") }, { name: t("incidents.column.deadline") }]}
          >
            {items.map(incident => (
              <tr key={incident.id}>
                <td className={styles.title}><Link href={`/incidents?id=${incident.id}`} prefetch={false}>{incident.title}</Link></td>
                <td><SeverityBadge severity={incident.severity} /></td>
                <td>{t(`incidents.category.${incident.category}`)}</td>
                <td><StatusBadge status={incident.status} /></td>
                <td className={styles.when}>{time(incident.aware_at)}</td>
                <td><Deadline incident={incident} /></td>
              </tr>
            ))}
          </Table>
          {list.hasNextPage && <Button look="quiet" small busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("app.more")}</Button>}
        </section>
      )}
      <Dialog open={open} title={t("incidents.report")} closeName={t("app.close")} onClose={close}>
        <ReportForm
          linked={reporting} onCancel={close}
          onReported={incident => {
            void queries.invalidateQueries({ queryKey: ["incidents"] });
            queries.setQueryData(["incident", incident.id], incident);
            // The form goes with the register: closing it would lead back there.
            router.replace(`/incidents?id=${incident.id}`);
          }}
        />
      </Dialog>
    </Page>
  );
}
