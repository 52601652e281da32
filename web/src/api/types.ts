import type { components } from "./schema";

// The app's names for the shapes of the API. schema.ts is made from the server's own description (scripts/openapi), so
// that a change of a shape there does not compile here.
type Schemas = components["schemas"];

export type User = Schemas["MeResponse"];
export type Role = User["user_role"];
export type Tokens = Schemas["TokenResponse"];
/** RFC 9457, as far as it came: a proxy may have answered instead. */
export type ProblemDetails = Partial<Schemas["ValidationProblem"]>;

/** A page of a list. */
export interface List<T> {
  items: T[];
  next_cursor?: string | null;
}

export type Passage = Schemas["Passage"];
/** Something a check saw: offsets in UTF-16 code units, as JavaScript counts. */
export type Finding = Schemas["Finding"];
export type GroundedSentence = Schemas["GroundedSentence"];
export type ComplianceReport = Schemas["ComplianceReport"];

export type ChatFrame = Schemas["ChatFrame"];
export type Receipt = Omit<Schemas["AuditFrame"], "type">;

export type ConversationSummary = Schemas["ConversationSummary"];
export type ConversationTurn = Schemas["ConversationTurnResponse"];
export type Conversation = Schemas["ConversationDetail"];
export type Correction = Schemas["Correction"];

export type AuditItem = Schemas["AuditItem"];
export type AuditDetail = Schemas["AuditDetail"];
export type ChainFinding = Schemas["ChainFinding"];
export type VerificationReport = Schemas["VerificationReport"] & { checkpoints?: { stored: number; anchored: number; latest_size: number; unverified: number } };

export type Organization = Schemas["OrganizationResponse"];
export type OrganizationPatch = Schemas["OrganizationPatch"];
export type ProviderTest = Schemas["ProviderTest"];
export type Usage = Schemas["UsageResponse"];

export type Member = Schemas["UserResponse"];
export type InvitedMember = Schemas["InvitedUserResponse"];
export type ApiKey = Schemas["ApiKeyResponse"];
export type CreatedApiKey = Schemas["CreatedApiKeyResponse"];

export type Erasure = Schemas["ErasedUserResponse"];
export type ErasureReason = NonNullable<Schemas["EraseUserRequest"]["reason"]>;

export type DocumentItem = Schemas["DocumentResponse"];
export type OpenedPassage = Schemas["OpenedPassage"];

export type OversightTurn = Schemas["OversightTurn"];
export type OversightDetail = Schemas["OversightDetail"];
export type OversightDecision = Schemas["OversightDecision"];
export type PastDecision = Schemas["PastDecision"];

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
