"use client";

import type { AuditFilter } from "@/api/endpoints";
import type { Member } from "@/api/types";
import { Button, FilterInput, FilterSelect } from "@/design/controls";
import { useTranslation } from "@/i18n";
import { eventName, eventTypes, flagName, flags } from "@/i18n/events";
import styles from "./Filters.module.css";

/** Days are the reader's own: the server is asked for the times at which they begin and end here. */
export function Filters({ filter, onChange, members }: { filter: AuditFilter; onChange: (filter: AuditFilter) => void; members: Member[] }) {
  const words = useTranslation();
  const { t } = words;
  const set = (part: AuditFilter) => onChange(Object.fromEntries(Object.entries({ ...filter, ...part }).filter(([, value]) => value)));
  return (
    <div className={styles.filters} role="search">
      <FilterSelect label={t("audit.filter.event")} value={filter.event_type ?? ""} onChange={event => set({ event_type: event.target.value })}>
        <option value="">{t("audit.filter.event.all")}</option>
        {eventTypes.map(type => <option key={type} value={type}>{eventName(words, type)}</option>)}
      </FilterSelect>
      <FilterSelect label={t("audit.filter.flag")} value={filter.flag ?? ""} onChange={event => set({ flag: event.target.value as AuditFilter["flag"] })}>
        <option value="">{t("audit.filter.flag.all")}</option>
        {flags.map(flag => <option key={flag} value={flag}>{flagName(words, flag)}</option>)}
      </FilterSelect>
      {members.length > 0 && (
        <FilterSelect label={t("audit.filter.person")} value={filter.user_id ?? ""} onChange={event => set({ user_id: event.target.value })}>
          <option value="">{t("audit.filter.person.all")}</option>
          {members.map(member => <option key={member.id} value={member.id}>{member.name || member.email}</option>)}
        </FilterSelect>
      )}
      <label className={styles.day}>{t("audit.filter.from")}<FilterInput label={t("audit.filter.from")} type="date" value={dayOf(filter.from, 0)} onChange={event => set({ from: startOfDay(event.target.value, 0) })} /></label>
      <label className={styles.day}>{t("audit.filter.to")}<FilterInput label={t("audit.filter.to")} type="date" value={dayOf(filter.to, -1)} onChange={event => set({ to: startOfDay(event.target.value, 1) })} /></label>
      {Object.keys(filter).length > 0 && <Button look="quiet" small icon="close" onClick={() => onChange({})}>{t("audit.filter.clear")}</Button>}
    </div>
  );
}

/** The moment at which a day begins, some days later; undefined for no day. */
export function startOfDay(day: string, later: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date + later).toISOString() : undefined;
}

/** The day of such a moment, as a date field has it. */
export function dayOf(iso: string | undefined, later: number): string {
  if (!iso) return "";
  const moment = new Date(iso);
  moment.setDate(moment.getDate() + later);
  return [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0")).join("-");
}
