import { events, open, request } from "./client";
import { Problem } from "./problem";
import type { components, paths } from "./schema";
import type { AuditItem, ChatFrame, DocumentItem, ErasureReason, Flag, IncidentStatus, OrganizationPatch, OversightTurn, Role, VerificationReport } from "./types";
import { sendFile } from "./upload";

// One function for each address that the app uses, named for what it does.

export type AuditFilter = Omit<NonNullable<paths["/api/audit"]["get"]["parameters"]["query"]>, "cursor" | "limit">;

/** A turn's frames as they come. Aborting the signal stops the answer, which the server records as far as it came. */
export const chat = (body: { message: string; conversation_id?: string; use_documents?: boolean }, signal: AbortSignal): AsyncGenerator<ChatFrame, void, undefined> =>
  events("POST", "/api/chat", { body, signal });

export const listConversations = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/conversations", { query: { cursor, limit: 50 }, signal });
export const getConversation = (id: string, signal?: AbortSignal) => request("GET", "/api/conversations/{id}", { path: { id }, signal });
export const deleteConversation = (id: string) => request("DELETE", "/api/conversations/{id}", { path: { id } });

export const listAudit = (filter: AuditFilter, cursor: string | null, limit: number, signal?: AbortSignal) =>
  request("GET", "/api/audit", { query: { ...filter, cursor, limit }, signal });
export const getAuditEntry = (id: string, signal?: AbortSignal) => request("GET", "/api/audit/{id}", { path: { id }, signal });
/** Has the whole chain recomputed, and tells how far it is. */
export async function verifyAudit(onProgress: (rows: number, total: number) => void, signal?: AbortSignal): Promise<VerificationReport> {
  for await (const frame of events("POST", "/api/audit/verify", { accept: "text/event-stream", signal })) {
    if (frame.type === "progress") onProgress(frame.rows, frame.total);
    else if (frame.type === "report") return frame.report;
    else throw new Problem(frame.problem);
  }

  throw Problem.unreachable();
}

/** What the server depends on, each by name. */
export const getReadiness = (signal?: AbortSignal) => request("GET", "/readyz", { signal });
export const getProof = async (id: string, signal?: AbortSignal) => (await open("GET", "/api/audit/{id}/proof", { path: { id }, signal })).text();
export const getPublicKey = async (signal?: AbortSignal) => (await open("GET", "/api/audit/public-key", { signal })).text();
export const exportAudit = (format: "jsonl" | "csv") => open("GET", "/api/audit/export", { query: { format } });

/** The list's row for one place in the log; unlike the entry itself it holds nothing that anyone typed, so that no reading is recorded. */
export async function findAuditItem(sequence: number, signal?: AbortSignal): Promise<AuditItem | null> {
  const { items } = await listAudit({}, String(sequence + 1), 1, signal);
  return items[0]?.sequence === sequence ? items[0] : null;
}

export const getOrganization = (signal?: AbortSignal) => request("GET", "/api/organization", { signal });
export const changeOrganization = (body: OrganizationPatch) => request("PATCH", "/api/organization", { body });
export const testProvider = () => request("POST", "/api/organization/provider/test", {});
export const getUsage = (signal?: AbortSignal) => request("GET", "/api/organization/usage", { signal });

export const listMembers = (status: "active" | "removed", cursor: string | null, signal?: AbortSignal) =>
  request("GET", "/api/users", { query: { status, cursor, limit: 500 }, signal });
export const inviteMember = (body: { email: string; name: string; role: Role }) => request("POST", "/api/users", { body });
export const changeMember = (id: string, body: { name?: string; role?: Role; password?: string }) => request("PATCH", "/api/users/{id}", { path: { id }, body });
export const eraseMember = (id: string, reason: ErasureReason | null) => request("POST", "/api/users/{id}/erase", { path: { id }, body: { reason } });
export const removeMember = (id: string) => request("DELETE", "/api/users/{id}", { path: { id } });
export const changePassword = (body: { current_password: string; new_password: string }) => request("POST", "/api/auth/password", { body });

export const listApiKeys = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/api-keys", { query: { cursor, limit: 500 }, signal });
export const createApiKey = (body: { name: string; role: Role }) => request("POST", "/api/api-keys", { body });
export const revokeApiKey = (id: string) => request("DELETE", "/api/api-keys/{id}", { path: { id } });

export const listDocuments = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/documents", { query: { cursor, limit: 50 }, signal });
/** Whether the organization has a document at all: without one its people are led to adding it. */
export const hasDocuments = async (signal?: AbortSignal) => (await request("GET", "/api/documents", { query: { limit: 1 }, signal })).items.length > 0;
/** Sends a file; `isNew` is false when the same bytes are here already. */
export async function uploadDocument(file: File, onProgress: (sent: number) => void, signal?: AbortSignal): Promise<{ document: DocumentItem; isNew: boolean }> {
  const { status, json } = await sendFile("/api/documents", {}, file, onProgress, signal);
  return { document: json, isNew: status === 201 };
}

export const deleteDocument = (id: string) => request("DELETE", "/api/documents/{id}", { path: { id } });
export const openPassage = (id: string, position: number, signal?: AbortSignal) =>
  request("GET", "/api/documents/{id}/passages/{position}", { path: { id, position }, signal });
export const searchPassages = (query: string, signal?: AbortSignal) => request("POST", "/api/search", { body: { query, limit: 10 }, signal });

export type OversightStatus = OversightTurn["status"];
export const listOversight = (status: OversightStatus | null, reason: Flag | null, cursor: string | null, signal?: AbortSignal) =>
  request("GET", "/api/oversight", { query: { status, reason, cursor, limit: 50 }, signal });
export const getOversightTurn = (id: string, signal?: AbortSignal) => request("GET", "/api/oversight/{id}", { path: { id }, signal });
export const decideTurn = (id: string, body: components["schemas"]["DecisionRequest"]) => request("PUT", "/api/oversight/{id}", { path: { id }, body });
export const suspendAssistant = (reason: string) => request("POST", "/api/oversight/suspend", { body: { reason } });
export const resumeAssistant = (note: string) => request("POST", "/api/oversight/resume", { body: { note } });

export const listIncidents = (filter: { status?: IncidentStatus; overdue?: "true" }, cursor: string | null, signal?: AbortSignal) =>
  request("GET", "/api/incidents", { query: { ...filter, cursor, limit: 50 }, signal });
export const getIncident = (id: string, signal?: AbortSignal) => request("GET", "/api/incidents/{id}", { path: { id }, signal });
export const reportIncident = (body: components["schemas"]["ReportIncidentRequest"]) => request("POST", "/api/incidents", { body });
export const changeIncident = (id: string, body: components["schemas"]["ChangeIncidentRequest"]) => request("PATCH", "/api/incidents/{id}", { path: { id }, body });
export const addEvidence = (id: string, file: File, onProgress: (sent: number) => void, signal?: AbortSignal) =>
  sendFile("/api/incidents/{id}/evidence", { path: { id } }, file, onProgress, signal).then(({ json }) => json);
export const openEvidence = (id: string, evidence: string) => open("GET", "/api/incidents/{id}/evidence/{evidence}", { path: { id, evidence } });
export const openIncidentReport = (id: string, format: "md" | "html", signal?: AbortSignal) =>
  open("GET", "/api/incidents/{id}/report", { path: { id }, query: { format }, signal });

export const getSystemCard = (signal?: AbortSignal) => request("GET", "/api/dossier/system-card", { signal });
export const changeSystemCard = (version: number, section: number, attestation: string | null) =>
  request("PUT", "/api/dossier/system-card", { body: { version, sections: [{ section, attestation }] } });
export const openDossier = (query: { from?: string; to?: string; content: "omitted" | "included"; reason?: string }, signal?: AbortSignal) =>
  open("GET", "/api/dossier", { query, signal });

export const getMonitoring = (from: string, to: string, signal?: AbortSignal) => request("GET", "/api/monitoring", { query: { from, to }, signal });
