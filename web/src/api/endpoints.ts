import { open, request } from "./client";
import type { paths } from "./schema";
import { readEvents } from "./sse";
import type { AuditItem, ChatFrame, OrganizationPatch, Role } from "./types";

// One function for each address that the app uses, named for what it does.

export type AuditFilter = Omit<NonNullable<paths["/api/audit"]["get"]["parameters"]["query"]>, "cursor" | "limit">;

/** A turn's frames as they come; ends after `[DONE]`. Aborting the signal stops the answer, which the server records as far as it came. */
export async function* chat(body: { message: string; conversation_id?: string; use_documents?: boolean }, signal: AbortSignal): AsyncGenerator<ChatFrame> {
  const response = await open("POST", "/api/chat", { body, signal });
  if (!response.body) return;
  for await (const data of readEvents(response.body)) {
    if (data === "[DONE]") return;
    yield JSON.parse(data) as ChatFrame;
  }
}

export const listConversations = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/conversations", { query: { cursor, limit: 50 }, signal });
export const getConversation = (id: string, signal?: AbortSignal) => request("GET", "/api/conversations/{id}", { path: { id }, signal });
export const deleteConversation = (id: string) => request("DELETE", "/api/conversations/{id}", { path: { id } });

export const listAudit = (filter: AuditFilter, cursor: string | null, limit: number, signal?: AbortSignal) =>
  request("GET", "/api/audit", { query: { ...filter, cursor, limit }, signal });
export const getAuditEntry = (id: string, signal?: AbortSignal) => request("GET", "/api/audit/{id}", { path: { id }, signal });
export const verifyAudit = (signal?: AbortSignal) => request("POST", "/api/audit/verify", { signal });
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

export const listMembers = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/users", { query: { cursor, limit: 500 }, signal });
export const inviteMember = (body: { email: string; name: string; role: Role }) => request("POST", "/api/users", { body });
export const changeMember = (id: string, body: { name?: string; role?: Role; password?: string }) => request("PATCH", "/api/users/{id}", { path: { id }, body });
export const removeMember = (id: string) => request("DELETE", "/api/users/{id}", { path: { id } });
export const changePassword = (body: { current_password: string; new_password: string }) => request("POST", "/api/auth/password", { body });

export const listApiKeys = (cursor: string | null, signal?: AbortSignal) => request("GET", "/api/api-keys", { query: { cursor, limit: 500 }, signal });
export const createApiKey = (body: { name: string; role: Role }) => request("POST", "/api/api-keys", { body });
export const revokeApiKey = (id: string) => request("DELETE", "/api/api-keys/{id}", { path: { id } });
