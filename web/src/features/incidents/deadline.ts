import type { IncidentCategory, IncidentStatus, IncidentSummary, Severity } from "@/api/types";

export const severities: readonly Severity[] = ["serious_incident", "incident", "near_miss"];
export const statuses: readonly IncidentStatus[] = ["open", "reported", "closed"];

/** Days from becoming aware to the latest moment of reporting, Art. 73(2) to (4) of the AI Act; the server computes the deadline itself. */
export const reportWithin: Readonly<Record<IncidentCategory, number>> = {
  death: 10, serious_health_harm: 15, critical_infrastructure: 2, widespread_infringement: 2, fundamental_rights: 15, property_or_environment: 15, other: 15,
};
export const categories = Object.keys(reportWithin) as IncidentCategory[];

export type Urgency = "done" | "calm" | "soon" | "overdue";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** How urgent a deadline is: `soon` in its last two days, `done` once the authority was informed or the incident closed. */
export function urgencyOf(incident: Pick<IncidentSummary, "status" | "deadline">, now: number): Urgency {
  if (incident.status !== "open") return "done";
  const left = Date.parse(incident.deadline) - now;
  return left < 0 ? "overdue" : left <= 2 * DAY ? "soon" : "calm";
}

export type Part = [count: number, unit: "day" | "hour" | "minute"];

/** A stretch of time in its two largest units: days and hours, else hours and minutes, else minutes. */
export function inWords(milliseconds: number): Part[] {
  const whole = Math.abs(milliseconds);
  const [days, hours, minutes] = [Math.floor(whole / DAY), Math.floor(whole % DAY / HOUR), Math.floor(whole % HOUR / MINUTE)];
  if (days > 0) return hours > 0 && days < 7 ? [[days, "day"], [hours, "hour"]] : [[days, "day"]];
  if (hours > 0) return minutes > 0 ? [[hours, "hour"], [minutes, "minute"]] : [[hours, "hour"]];
  return [[minutes, "minute"]];
}

/** A moment as a field for date and time has it, in the reader's own time. */
export function toField(iso: string): string {
  const moment = new Date(iso);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

/** The moment that such a field means; undefined for none. */
export function fromField(text: string): string | undefined {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
