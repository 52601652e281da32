import { open, request } from "./client";
import { readEvents } from "./sse";
import type {
  ApiKey, AuditDetail, AuditItem, ChatFrame, Conversation, ConversationSummary, CreatedApiKey, InvitedMember, List, Member, Organization, ProviderTest, Role, Usage,
  VerificationReport,
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
export const verifyAudit = (signal?: AbortSignal) => request<VerificationReport>("POST", "/api/audit/verify", { body: {}, signal });
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

export const listMembers = (cursor: string | null, signal?: AbortSignal) => request<List<Member>>("GET", "/api/users", { query: { cursor, limit: 500 }, signal });
export const inviteMember = (body: { email: string; name: string; role: Role }) => request<InvitedMember>("POST", "/api/users", { body });
export const changeMember = (id: string, body: { name?: string; role?: Role; password?: string }) => request<Member>("PATCH", `/api/users/${id}`, { body });
export const removeMember = (id: string) => request<void>("DELETE", `/api/users/${id}`);
export const changePassword = (body: { current_password: string; new_password: string }) => request<void>("POST", "/api/auth/password", { body });

export const listApiKeys = (cursor: string | null, signal?: AbortSignal) => request<List<ApiKey>>("GET", "/api/api-keys", { query: { cursor, limit: 500 }, signal });
export const createApiKey = (body: { name: string; role: Role }) => request<CreatedApiKey>("POST", "/api/api-keys", { body });
export const revokeApiKey = (id: string) => request<void>("DELETE", `/api/api-keys/${id}`);
