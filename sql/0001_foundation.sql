-- breaking: yes
-- Organizations, people, sessions, conversations, and the audit chain.
-- Runs as the owner role (lexcustis_owner). The application role (lexcustis) owns nothing and gets only what is granted below.

-- Tenancy -------------------------------------------------------------------------------------------------------------------

-- The organization that the transaction has entered; null outside of one, and then no tenant row is visible.
CREATE FUNCTION current_organization() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.organization_id', true), '')::uuid;

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL,
    -- Null in any of these: the environment's default.
    provider text CHECK (provider IN ('mistral', 'ollama', 'openai-compatible', 'extractive')),
    model text,
    base_url text,
    -- AES-256-GCM under a key derived from the master key named by provider_api_key_kid.
    provider_api_key bytea,
    provider_api_key_kid text,
    temperature double precision CHECK (temperature BETWEEN 0 AND 2),
    system_prompt text,
    daily_chat_cap integer CHECK (daily_chat_cap >= 0),
    low_confidence_threshold double precision NOT NULL DEFAULT 0.5 CHECK (low_confidence_threshold BETWEEN 0 AND 1),
    -- Art. 19 and 26(6): logs are kept at least six months.
    retention_days integer NOT NULL DEFAULT 365 CHECK (retention_days >= 183),
    legal_hold boolean NOT NULL DEFAULT false,
    suspended_at timestamptz,
    suspended_reason text
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    email text NOT NULL,
    name text NOT NULL DEFAULT '',
    role text NOT NULL CHECK (role IN ('admin', 'compliance', 'member', 'auditor')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Rows are never deleted: the audit log names people by id.
    removed_at timestamptz
);
CREATE INDEX users_organization ON users (organization_id, id);
-- One account an address over all organizations: signing in names no organization.
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE removed_at IS NULL;

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE revoked_at IS NULL;

-- A session's refresh tokens, one current, the others used: a used one that comes again was stolen.
CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    session_id uuid NOT NULL REFERENCES sessions (id),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('admin', 'compliance', 'member', 'auditor')),
    -- The first characters, so that people can tell keys apart.
    prefix text NOT NULL,
    key_hash bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_keys_organization ON api_keys (organization_id, id);

-- Data keys, one a person and calendar month, wrapped under a key derived from the master key. Emptied, never deleted: erasure is to be seen.
CREATE TABLE subject_keys (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    subject_id uuid NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    kid text NOT NULL,
    wrapped_key bytea,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (organization_id, subject_id, month),
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);

-- Conversations -------------------------------------------------------------------------------------------------------------

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX conversations_user ON conversations (organization_id, user_id, updated_at DESC, id DESC);

-- A turn that began. Its id is the id of the audit entry that it ends with; what was said is there, encrypted, and nowhere else.
-- Written before the first token is asked for, so that a turn which a crash cuts off is missed, and recorded later.
CREATE TABLE chat_turns (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    conversation_id uuid REFERENCES conversations (id) ON DELETE SET NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL,
    via text NOT NULL,
    started_at timestamptz NOT NULL
);
CREATE INDEX chat_turns_conversation ON chat_turns (conversation_id, started_at, id);
CREATE INDEX chat_turns_started ON chat_turns USING brin (started_at);

-- The audit chain -----------------------------------------------------------------------------------------------------------

CREATE TABLE audit_logs (
    organization_id uuid NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    event_type text NOT NULL,
    user_id uuid,
    body text NOT NULL,
    content bytea,
    subject_id uuid,
    previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    entry_hash bytea NOT NULL CHECK (octet_length(entry_hash) = 32),
    CONSTRAINT audit_logs_pkey PRIMARY KEY (organization_id, sequence),
    CONSTRAINT audit_logs_id_key UNIQUE (id)
);
-- Content is ciphertext: compressing it is work for nothing.
ALTER TABLE audit_logs ALTER COLUMN content SET STORAGE EXTERNAL;
-- Entries arrive in the order of time, so a BRIN index finds a period at almost no cost to an append.
CREATE INDEX audit_logs_created_at ON audit_logs USING brin (created_at);
-- Flagged entries are few; an unflagged append does not touch this index.
CREATE INDEX audit_logs_flagged ON audit_logs (organization_id, sequence) WHERE body LIKE '%"flags":["%';

CREATE TABLE audit_log_oversight (
    audit_log_id uuid UNIQUE NOT NULL REFERENCES audit_logs (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    status text NOT NULL CHECK (status IN ('pending', 'approved', 'overridden', 'escalated', 'dismissed')),
    note text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES users (id),
    decided_at timestamptz
);

-- The shared knowledge base: the same for all, written by migrations alone ---------------------------------------------------

CREATE TABLE knowledge_base_passages (
    id text PRIMARY KEY,
    page text NOT NULL,
    title text NOT NULL,
    heading text NOT NULL,
    position integer NOT NULL,
    content text NOT NULL,
    search tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', heading), 'B') || setweight(to_tsvector('english', content), 'D')
    ) STORED
);
CREATE INDEX knowledge_base_passages_search ON knowledge_base_passages USING gin (search);

-- Row-level security: the second wall behind each statement's own WHERE ------------------------------------------------------

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'users', 'sessions', 'refresh_tokens', 'api_keys', 'subject_keys', 'conversations', 'chat_turns', 'audit_logs', 'audit_log_oversight']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
    END LOOP;
END $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organizations USING (id = current_organization());

-- Doors for what happens before the organization is known. Each answers one question and no other; they run with the owner's rights.

-- Enters the organization for this transaction, and says whether the caller's session still stands (a null member is the product itself).
CREATE FUNCTION enter_organization(organization uuid, session uuid, member uuid, member_role text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.organization_id', organization::text, true);
    IF member IS NULL THEN
        RETURN true;
    END IF;
    -- A key has a role of its own but ends with the person who made it; a session has that person's role, and ends when it changes.
    RETURN EXISTS (
        SELECT FROM users
        WHERE users.organization_id = organization AND users.id = member AND users.removed_at IS NULL AND (session IS NULL OR users.role = member_role)
    ) AND (session IS NULL OR EXISTS (
        SELECT FROM sessions WHERE sessions.organization_id = organization AND sessions.id = session AND sessions.revoked_at IS NULL
    ));
END $$;

CREATE FUNCTION find_credentials(account text)
RETURNS TABLE (user_id uuid, organization_id uuid, role text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT users.id, users.organization_id, users.role, users.password_hash
    FROM users WHERE lower(users.email) = lower(account) AND users.removed_at IS NULL
$$;

CREATE FUNCTION find_refresh_token(hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organization_id FROM refresh_tokens WHERE token_hash = hash
$$;

CREATE FUNCTION find_api_key(hash bytea)
RETURNS TABLE (key_id uuid, organization_id uuid, user_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT api_keys.id, api_keys.organization_id, api_keys.created_by, api_keys.role
    FROM api_keys JOIN users ON users.id = api_keys.created_by
    WHERE api_keys.key_hash = hash AND api_keys.revoked_at IS NULL AND users.removed_at IS NULL
$$;

CREATE FUNCTION list_organizations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM organizations UNION SELECT DISTINCT organization_id FROM audit_logs ORDER BY 1
$$;

-- Turns that began in the window and have no entry in the log: their server died. The window's start keeps the search short.
CREATE FUNCTION find_unrecorded_turns(began_after timestamptz, began_before timestamptz)
RETURNS TABLE (id uuid, organization_id uuid, conversation_id uuid, user_id uuid, role text, via text, started_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT turn.id, turn.organization_id, turn.conversation_id, turn.user_id, turn.role, turn.via, turn.started_at
    FROM chat_turns AS turn
    WHERE turn.started_at > began_after AND turn.started_at < began_before
      AND NOT EXISTS (SELECT FROM audit_logs WHERE audit_logs.id = turn.id)
    ORDER BY turn.started_at
    LIMIT 100
$$;

-- Privileges ----------------------------------------------------------------------------------------------------------------

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, lexcustis;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, lexcustis;
GRANT USAGE ON SCHEMA public TO lexcustis;
GRANT SELECT ON schema_migrations, knowledge_base_passages TO lexcustis;
GRANT SELECT, INSERT, UPDATE ON organizations, users, sessions, refresh_tokens, api_keys, subject_keys, audit_log_oversight TO lexcustis;
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations, chat_turns TO lexcustis;
-- Append-only: no UPDATE, DELETE or TRUNCATE, for this role there is no statement that changes a row.
GRANT SELECT, INSERT ON audit_logs TO lexcustis;
GRANT EXECUTE ON FUNCTION
    current_organization(), enter_organization(uuid, uuid, uuid, text), find_credentials(text), find_refresh_token(bytea), find_api_key(bytea),
    list_organizations(), find_unrecorded_turns(timestamptz, timestamptz)
TO lexcustis;
