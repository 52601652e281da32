-- breaking: no
-- Human oversight: decisions and suspension; the incident register; monitoring.

-- Oversight -----------------------------------------------------------------------------------------------------------------

ALTER TABLE organizations
    -- On: the person who asked can't decide on their own turn.
    ADD COLUMN four_eyes boolean NOT NULL DEFAULT false,
    -- Grows with each suspension, so that a turn under way learns of one that came and went between two looks.
    ADD COLUMN suspensions integer NOT NULL DEFAULT 0;

-- Nothing wrote this table before. A turn without a row is undecided. What a reviewer writes is encrypted content of the decision's entry,
-- where erasure reaches it: the row only names the entries, first decision first, the current one last.
ALTER TABLE audit_log_oversight
    DROP COLUMN note,
    DROP CONSTRAINT audit_log_oversight_status_check,
    ADD CONSTRAINT audit_log_oversight_status_check CHECK (status IN ('approved', 'overridden', 'escalated', 'dismissed')),
    ALTER COLUMN decided_by SET NOT NULL,
    ALTER COLUMN decided_at SET NOT NULL,
    ADD COLUMN sequence bigint NOT NULL,
    ADD COLUMN entry_ids uuid[] NOT NULL CHECK (cardinality(entry_ids) > 0),
    ADD COLUMN incident_id uuid;
-- Read side by side with audit_logs_flagged, so that what is undecided is found without a look at either table.
CREATE UNIQUE INDEX audit_log_oversight_sequence ON audit_log_oversight (organization_id, sequence);

-- For servers that have turns of these organizations under way: whether any was suspended since.
CREATE FUNCTION find_suspensions(organizations uuid[])
RETURNS TABLE (organization_id uuid, suspensions integer, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organizations.id, organizations.suspensions, organizations.suspended_reason
    FROM organizations WHERE organizations.id = ANY (find_suspensions.organizations)
$$;

-- Incidents -----------------------------------------------------------------------------------------------------------------

CREATE TABLE incidents (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL CHECK (char_length(description) <= 20000),
    severity text NOT NULL CHECK (severity IN ('near_miss', 'incident', 'serious_incident')),
    category text NOT NULL CHECK (category IN (
        'death', 'serious_health_harm', 'critical_infrastructure', 'widespread_infringement', 'fundamental_rights', 'property_or_environment', 'other')),
    status text NOT NULL CHECK (status IN ('open', 'reported', 'closed')),
    aware_at timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    reported_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    authority_informed_at timestamptz,
    closed_at timestamptz,
    -- Turns and other entries that belong to it.
    audit_log_ids uuid[] NOT NULL,
    -- Its own entries in the log, oldest first: its history.
    entry_ids uuid[] NOT NULL CHECK (cardinality(entry_ids) > 0),
    -- Those already given for this deadline.
    reminders text[] NOT NULL DEFAULT '{}',
    CHECK (status <> 'reported' OR authority_informed_at IS NOT NULL),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX incidents_organization ON incidents (organization_id, id);
CREATE INDEX incidents_deadline ON incidents (deadline) WHERE status = 'open';
-- Checked at the commit: the decision that escalates is made before the incident is written.
ALTER TABLE audit_log_oversight ADD FOREIGN KEY (incident_id) REFERENCES incidents (id) DEFERRABLE INITIALLY DEFERRED;

-- Added, never changed or taken away: the log has each file's hash.
CREATE TABLE incident_evidence (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    incident_id uuid NOT NULL REFERENCES incidents (id),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes bytea NOT NULL,
    added_by uuid NOT NULL REFERENCES users (id),
    added_at timestamptz NOT NULL
);
CREATE INDEX incident_evidence_incident ON incident_evidence (organization_id, incident_id, id);
ALTER TABLE incident_evidence ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Open incidents whose next reminder is due. Hours, not days: a day's length would depend on the session's time zone.
CREATE FUNCTION find_due_incidents(moment timestamptz)
RETURNS TABLE (id uuid, organization_id uuid, deadline timestamptz, reminder text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT due.id, due.organization_id, due.deadline, due.reminder
    FROM (
        SELECT incidents.*, CASE
            WHEN moment >= incidents.deadline THEN 'overdue'
            WHEN moment >= incidents.deadline - interval '24 hours' THEN 'one_day'
            ELSE 'three_days'
        END AS reminder
        FROM incidents
        WHERE incidents.status = 'open' AND incidents.authority_informed_at IS NULL AND incidents.deadline <= moment + interval '72 hours'
    ) AS due
    WHERE NOT due.reminder = ANY (due.reminders)
    ORDER BY due.deadline
    LIMIT 100
$$;

-- Monitoring ----------------------------------------------------------------------------------------------------------------

-- Sums of a stretch of the log, by day. Stretches follow each other without gap or overlap: each begins where the last one ended, and two
-- servers that sum up the same stretch meet at the primary key.
CREATE TABLE monitoring_stretches (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    from_sequence bigint NOT NULL CHECK (from_sequence > 0),
    through_sequence bigint NOT NULL CHECK (through_sequence >= from_sequence),
    first_day date NOT NULL,
    last_day date NOT NULL,
    days text NOT NULL,
    PRIMARY KEY (organization_id, from_sequence)
);

-- Days whose drift was looked at: the row decides which server does it, and alerts are written with it.
CREATE TABLE monitoring_checks (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    day date NOT NULL,
    checked_at timestamptz NOT NULL,
    kinds text[] NOT NULL,
    PRIMARY KEY (organization_id, day)
);

CREATE FUNCTION find_monitoring_backlog(minimum bigint) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organizations.id
    FROM organizations
    CROSS JOIN LATERAL (
        SELECT sequence FROM audit_logs WHERE audit_logs.organization_id = organizations.id ORDER BY sequence DESC LIMIT 1
    ) AS head
    LEFT JOIN LATERAL (
        SELECT through_sequence FROM monitoring_stretches WHERE monitoring_stretches.organization_id = organizations.id ORDER BY from_sequence DESC LIMIT 1
    ) AS summed ON true
    WHERE head.sequence - coalesce(summed.through_sequence, 0) >= minimum
$$;

CREATE FUNCTION find_unchecked_organizations(looked_at date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organizations.id FROM organizations
    WHERE organizations.created_at < (looked_at + 1)::timestamp AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM monitoring_checks WHERE monitoring_checks.organization_id = organizations.id AND monitoring_checks.day = looked_at)
$$;

-- Row-level security and privileges -----------------------------------------------------------------------------------------

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['incidents', 'incident_evidence', 'monitoring_stretches', 'monitoring_checks']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION
    find_suspensions(uuid[]), find_due_incidents(timestamptz), find_monitoring_backlog(bigint), find_unchecked_organizations(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    find_suspensions(uuid[]), find_due_incidents(timestamptz), find_monitoring_backlog(bigint), find_unchecked_organizations(date) TO lexcustis;
GRANT SELECT, INSERT, UPDATE ON incidents TO lexcustis;
GRANT SELECT, INSERT ON incident_evidence, monitoring_stretches, monitoring_checks TO lexcustis;
