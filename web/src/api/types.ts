// What the server sends and takes: the shapes of the product's contract, snake_case as on the wire.

export type Role = "admin" | "compliance" | "member" | "auditor";

export interface User {
  user_id: string;
  organization_id: string;
  user_role: Role;
  email: string;
  name: string;
  organization_name: string;
}

export interface Tokens {
  access_token: string;
  token_type: "Bearer";
  /** Seconds. */
  expires_in: number;
  user: User;
}

/** RFC 9457. */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: Record<string, string[]>;
}

export interface List<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Passage {
  id: string;
  document: string;
  title: string;
  heading: string;
  position: number;
  text: string;
  score: number;
  /** True: from the shared knowledge base, false: from the organization's own documents. */
  shared: boolean;
}

/** Something a check saw: offsets in UTF-16 code units, as JavaScript counts. */
export interface Finding {
  type: string;
  start: number;
  end: number;
  confidence: number;
  checksum?: "valid" | "none";
  country?: string;
  ground?: string;
  pattern?: string;
  source?: string;
}

export interface GroundedSentence {
  start: number;
  end: number;
  score: number;
  /** Absent when no passage supports it at all. */
  source?: string | null;
  unsupported?: Finding[];
}

export interface ComplianceReport {
  pii: { input: Finding[]; output: Finding[] };
  injection: { input: Finding[]; sources: Finding[] };
  bias: Finding[];
  confidence: { score: number; reasons: string[] };
  grounding: { score: number; sentences: GroundedSentence[] };
}

export interface Receipt {
  id: string;
  sequence: number;
  entry_hash: string;
}

export type ChatFrame =
  | { type: "start"; conversation_id: string; ai_notice: string }
  | { type: "sources"; items: Passage[] }
  | { type: "token"; text: string }
  | ({ type: "compliance" } & ComplianceReport)
  | ({ type: "audit" } & Receipt)
  | { type: "low_confidence"; confidence: number; threshold: number; message: string }
  | { type: "error"; problem: ProblemDetails };

export interface ConversationSummary {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface ConversationTurn {
  audit_log_id: string;
  sequence: number | null;
  started_at: string;
  status: "recorded" | "running" | "erased";
  message?: string;
  answer?: string;
  sources?: Passage[];
}

export interface Conversation {
  id: string;
  turns: ConversationTurn[];
}

export interface AuditItem {
  id: string;
  sequence: number;
  created_at: string;
  event_type: string;
  user_id: string | null;
  data: Record<string, unknown> | null;
  has_content: boolean;
  entry_hash: string;
}

export interface AuditDetail extends Omit<AuditItem, "has_content"> {
  subject_id: string | null;
  body: string;
  previous_hash: string;
  content: Record<string, unknown> | "erased" | null;
}

export interface ChainFinding {
  verdict: string;
  first_sequence: number;
  count: number;
}

export interface VerificationReport {
  organization_id: string;
  valid: boolean;
  rows: number;
  previous_key: number;
  head: { sequence: number; entry_hash: string };
  findings: ChainFinding[];
  verified_at: string;
  duration_ms: number;
}

export interface Organization {
  id: string;
  name: string;
  created_at: string;
  provider: string | null;
  model: string | null;
  base_url: string | null;
  provider_api_key_set: boolean;
  temperature: number | null;
  system_prompt: string | null;
  daily_chat_cap: number | null;
  low_confidence_threshold: number;
  retention_days: number;
  legal_hold: boolean;
  suspended: boolean;
  suspended_reason: string | null;
  effective: { provider: string; model: string; data_region: string; daily_chat_cap: number };
}

export interface ProviderTest {
  ok: boolean;
  latency_ms: number;
  model: string;
  error: string | null;
}

export interface Usage {
  day: string;
  used: number;
  cap: number;
  resets_at: string;
}

export interface Member {
  id: string;
  email: string;
  name: string;
  role: Role;
  created_at: string;
}

export interface InvitedMember extends Member {
  initial_password?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  prefix: string;
  created_by: string;
  created_at: string;
}

export interface CreatedApiKey extends Omit<ApiKey, "created_by"> {
  key: string;
}
