import type { components, paths } from "./schema";

// The app's names for the shapes of the API. schema.ts is made from the server's own description (scripts/openapi), so
// that a change of a shape there does not compile here.
type Schemas = components["schemas"];

export type User = Schemas["MeResponse"];
export type Role = User["user_role"];
export type Tokens = Schemas["TokenResponse"];
/** RFC 9457, as far as it came: a proxy may have answered instead. */
export type ProblemDetails = Partial<Schemas["ValidationProblem"]>;

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
export type VerificationReport = Schemas["VerificationReport"];

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

/** Why a turn waits for a person. */
export type Flag = NonNullable<NonNullable<paths["/api/oversight"]["get"]["parameters"]["query"]>["reason"]>;

export type Incident = Schemas["IncidentResponse"];
export type IncidentSummary = Schemas["IncidentSummary"];
export type Severity = Incident["severity"];
export type IncidentCategory = Incident["category"];
export type IncidentStatus = Incident["status"];
export type Evidence = Schemas["IncidentEvidence"];
export type IncidentEvent = Schemas["IncidentEvent"];
/** What a form says of an incident. */
export type IncidentDraft = Pick<Incident, "title" | "description" | "severity" | "category" | "audit_log_ids"> & { aware_at?: string };

export type SystemCard = Schemas["SystemCard"];
export type CardSection = Schemas["CardSection"];
export type Attestation = Schemas["CardAttestation"];
export type Coverage = CardSection["coverage"];

/** Days of UTC, both ends included. */
export type Monitoring = Schemas["MonitoringReport"];
export type Figures = Schemas["MonitoringFigures"];
export type Spread = Schemas["ScoreFigures"];
export type Timing = Schemas["MillisecondFigures"];
export type DriftTest = Schemas["DriftTest"];
export type DriftAlert = Schemas["MonitoringAlert"];
