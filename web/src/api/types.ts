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
  /** What a reviewer answered instead. */
  correction?: Correction;
}

export interface Correction {
  answer: string;
  decided_at: string;
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
  /** Signed checkpoints that the rows were compared with; `latest_size` is the largest tree that any vouches for. Absent from older servers. */
  checkpoints?: { stored: number; anchored: number; latest_size: number; unverified: number };
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
  four_eyes: boolean;
  suspended: boolean;
  suspended_at: string | null;
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
  /** Only of those who were. */
  removed_at?: string;
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

export type ErasureReason = "no_longer_needed" | "consent_withdrawn" | "objection" | "unlawful" | "legal_obligation" | "child";

export interface Erasure {
  id: string;
  erased_at: string;
  receipt: Receipt;
}

export type VerificationFrame =
  | { type: "progress"; rows: number; total: number }
  | { type: "report"; report: VerificationReport }
  | { type: "error"; problem: ProblemDetails };

export type Severity = "near_miss" | "incident" | "serious_incident";
export type IncidentCategory = "death" | "serious_health_harm" | "critical_infrastructure" | "widespread_infringement" | "fundamental_rights" | "property_or_environment" | "other";
export type IncidentStatus = "open" | "reported" | "closed";

export interface IncidentSummary {
  id: string;
  title: string;
  severity: Severity;
  category: IncidentCategory;
  status: IncidentStatus;
  reported_by: string | null;
  created_at: string;
  updated_at: string;
  aware_at: string;
  /** `aware_at` and the category's days. */
  deadline: string;
  overdue: boolean;
  authority_informed_at: string | null;
  closed_at: string | null;
  audit_log_ids: string[];
}

export interface Evidence {
  id: string;
  name: string;
  media_type: string;
  size: number;
  sha256: string;
  added_by: string | null;
  added_at: string;
}

export interface IncidentEvent {
  /** Of its entry in the log. */
  id: string;
  sequence: number;
  at: string;
  event_type: string;
  user_id: string | null;
  data: Record<string, unknown>;
}

export interface Incident extends IncidentSummary {
  description: string;
  allowed_statuses: IncidentStatus[];
  evidence: Evidence[];
  /** Oldest first. */
  history: IncidentEvent[];
  receipt?: Receipt;
}

export interface IncidentDraft {
  title: string;
  description: string;
  severity: Severity;
  category: IncidentCategory;
  aware_at?: string;
  audit_log_ids: string[];
}

export type Coverage = "automated" | "attested" | "missing";

export interface Attestation {
  text: string;
  written_by: string;
  written_at: string;
  sha256: string;
}

export interface CardSection {
  /** 1 to 9, as Annex IV counts. */
  section: number;
  title: string;
  coverage: Coverage;
  elements: { name: string; coverage: Coverage }[];
  evidence: { name: string; value: string }[];
  attestation: Attestation | null;
}

export interface SystemCard {
  version: number;
  coverage: Record<Coverage, number>;
  sections: CardSection[];
}

export interface Spread {
  count: number;
  mean: number | null;
  median: number | null;
  /** Ten bins, [0, 0.1) to [0.9, 1]. */
  histogram: number[];
}

export interface Timing {
  count: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Figures {
  turns: number;
  /** Only those that occurred. */
  outcomes: Record<string, number>;
  flagged: number;
  flags: { pii: number; injection: number; bias: number; low_confidence: number };
  confidence: Spread;
  grounding: Spread;
  latency: { first_token: Timing; total: Timing };
  tokens: { prompt: number; completion: number };
  refusals: { budget: number; rate_limit: number; suspended: number };
  oversight: { approved: number; overridden: number; escalated: number; dismissed: number };
}

export interface DriftTest {
  kind: string;
  statistic: "two_proportion_z" | "kolmogorov_smirnov";
  value: number | null;
  p_value: number | null;
  current: number | null;
  previous: number | null;
  turns: number;
  previous_turns: number;
  result: "no_drift" | "drift" | "too_few_turns";
}

export interface DriftAlert {
  id: string;
  sequence: number;
  at: string;
  day: string;
  kind: string;
  statistic: DriftTest["statistic"];
  value: number;
  p_value: number;
  current: number;
  previous: number;
}

export interface Monitoring {
  /** Days of UTC, both included. */
  from: string;
  to: string;
  through_sequence: number;
  totals: Figures;
  days: { day: string; figures: Figures }[];
  providers: { provider: string; model: string; figures: Figures }[];
  drift: { previous_from: string; previous_to: string; threshold: number; tests: DriftTest[] };
  alerts: DriftAlert[];
}
