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
