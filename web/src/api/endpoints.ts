import { open, request } from "./client";
import { readEvents } from "./sse";
import { sendFile } from "./upload";
import { Problem } from "./problem";
import type {
  ApiKey, AuditDetail, AuditItem, ChatFrame, Conversation, ConversationSummary, CreatedApiKey, Erasure, ErasureReason, Evidence, Incident, IncidentDraft, IncidentStatus,
  IncidentSummary, InvitedMember, List, Member, Monitoring, Organization, ProviderTest, Role, SystemCard, Usage, VerificationFrame, VerificationReport,
} from "./types";

// One function for each address that the app uses, named for what it does.

export interface AuditFilter {
  event_type?: string;
  user_id?: string;
  flag?: string;
  from?: string;
  to?: string;
}

/** A turn's frames as they come; ends after `[DONE]`. Aborting the signal stops the answer, which the server records as far as it came. */
export async function* chat(body: { message: string; conversation_id?: string; use_documents?: boolean }, signal: AbortSignal): AsyncGenerator<ChatFrame> {
  const response = await open("POST", "/api/chat", { body, signal });
  if (!response.body) return;
  for await (const data of readEvents(response.body)) {
    if (data === "[DONE]") return;
    yield JSON.parse(data) as ChatFrame;
  }
}

export const listConversations = (cursor: string | null, signal?: AbortSignal) =>
  request<List<ConversationSummary>>("GET", "/api/conversations", { query: { cursor, limit: 50 }, signal });
export const getConversation = (id: string, signal?: AbortSignal) => request<Conversation>("GET", `/api/conversations/${id}`, { signal });
export const deleteConversation = (id: string) => request<void>("DELETE", `/api/conversations/${id}`);

export const listAudit = (filter: AuditFilter, cursor: string | null, limit: number, signal?: AbortSignal) =>
  request<List<AuditItem>>("GET", "/api/audit", { query: { ...filter, cursor, limit }, signal });
export const getAuditEntry = (id: string, signal?: AbortSignal) => request<AuditDetail>("GET", `/api/audit/${id}`, { signal });
/** Has the whole chain recomputed, and tells how far it is. */
export async function verifyAudit(onProgress: (rows: number, total: number) => void, signal?: AbortSignal): Promise<VerificationReport> {
  const response = await open("POST", "/api/audit/verify", { body: {}, accept: "text/event-stream", signal });
  if (!response.body || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) return await response.json() as VerificationReport;
  for await (const data of readEvents(response.body)) {
    if (data === "[DONE]") break;
    const frame = JSON.parse(data) as VerificationFrame;
    if (frame.type === "progress") onProgress(frame.rows, frame.total);
    else if (frame.type === "report") return frame.report;
    else throw new Problem(frame.problem);
  }

  throw Problem.unreachable();
}

export const getCheckpoint = async (signal?: AbortSignal) => (await open("GET", "/api/audit/checkpoint", { signal })).text();
export const getProof = async (id: string, signal?: AbortSignal) => (await open("GET", `/api/audit/${id}/proof`, { signal })).text();
export const getPublicKey = async (signal?: AbortSignal) => (await open("GET", "/api/audit/public-key", { signal })).text();
export const exportAudit = (format: "jsonl" | "csv") => open("GET", "/api/audit/export", { query: { format } });

/** The list's row for one place in the log; unlike the entry itself it holds nothing that anyone typed, so that no reading is recorded. */
export async function findAuditItem(sequence: number, signal?: AbortSignal): Promise<AuditItem | null> {
  const { items } = await listAudit({}, String(sequence + 1), 1, signal);
  return items[0]?.sequence === sequence ? items[0] : null;
}

export const getOrganization = (signal?: AbortSignal) => request<Organization>("GET", "/api/organization", { signal });
export const changeOrganization = (patch: Partial<Organization> & { provider_api_key?: string | null }) =>
  request<Organization>("PATCH", "/api/organization", { body: patch });
export const testProvider = () => request<ProviderTest>("POST", "/api/organization/provider/test", { body: {} });
export const getUsage = (signal?: AbortSignal) => request<Usage>("GET", "/api/organization/usage", { signal });

export const listMembers = (status: "active" | "removed", cursor: string | null, signal?: AbortSignal) =>
  request<List<Member>>("GET", "/api/users", { query: { status, cursor, limit: 500 }, signal });
export const inviteMember = (body: { email: string; name: string; role: Role }) => request<InvitedMember>("POST", "/api/users", { body });
export const changeMember = (id: string, body: { name?: string; role?: Role; password?: string }) => request<Member>("PATCH", `/api/users/${id}`, { body });
export const eraseMember = (id: string, reason: ErasureReason | null) => request<Erasure>("POST", `/api/users/${id}/erase`, { body: reason ? { reason } : {} });
export const removeMember = (id: string) => request<void>("DELETE", `/api/users/${id}`);
export const changePassword = (body: { current_password: string; new_password: string }) => request<void>("POST", "/api/auth/password", { body });

export const listApiKeys = (cursor: string | null, signal?: AbortSignal) => request<List<ApiKey>>("GET", "/api/api-keys", { query: { cursor, limit: 500 }, signal });
export const createApiKey = (body: { name: string; role: Role }) => request<CreatedApiKey>("POST", "/api/api-keys", { body });
export const revokeApiKey = (id: string) => request<void>("DELETE", `/api/api-keys/${id}`);

export const listIncidents = (filter: { status?: IncidentStatus; overdue?: "true" }, cursor: string | null, signal?: AbortSignal) =>
  request<List<IncidentSummary>>("GET", "/api/incidents", { query: { ...filter, cursor, limit: 50 }, signal });
export const getIncident = (id: string, signal?: AbortSignal) => request<Incident>("GET", `/api/incidents/${id}`, { signal });
export const reportIncident = (body: IncidentDraft) => request<Incident>("POST", "/api/incidents", { body });
export const changeIncident = (id: string, patch: Partial<IncidentDraft> & { status?: IncidentStatus }) => request<Incident>("PATCH", `/api/incidents/${id}`, { body: patch });
export const addEvidence = (id: string, file: File, onProgress: (sent: number) => void, signal?: AbortSignal) =>
  sendFile<Evidence>(`/api/incidents/${id}/evidence`, file, onProgress, signal);
export const openEvidence = (id: string, evidence: string) => open("GET", `/api/incidents/${id}/evidence/${evidence}`);
export const openIncidentReport = (id: string, format: "md" | "html", signal?: AbortSignal) => open("GET", `/api/incidents/${id}/report`, { query: { format }, signal });

export const getSystemCard = (signal?: AbortSignal) => request<SystemCard>("GET", "/api/dossier/system-card", { signal });
export const changeSystemCard = (version: number, section: number, attestation: string | null) =>
  request<SystemCard>("PUT", "/api/dossier/system-card", { body: { version, sections: [{ section, attestation }] } });
export const openDossier = (query: { from?: string; to?: string; content: "omitted" | "included"; reason?: string }, signal?: AbortSignal) => open("GET", "/api/dossier", { query, signal });

export const getMonitoring = (from: string, to: string, signal?: AbortSignal) => request<Monitoring>("GET", "/api/monitoring", { query: { from, to }, signal });
