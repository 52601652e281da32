-- breaking: no
-- Erasure and retention, the system card, and the dossier's signatures.

-- A person who was erased (GDPR Art. 17): the row stays, since the log names people by id, and says nothing of them any more.
ALTER TABLE users
    ADD COLUMN erased_at timestamptz,
    -- The entry subject.erased, so that asking again gives the same receipt.
    ADD COLUMN erasure_entry uuid,
    ADD CONSTRAINT users_erased CHECK ((erased_at IS NULL) = (erasure_entry IS NULL) AND (erased_at IS NULL OR removed_at IS NOT NULL));

-- Organizations whose keys time or a rotation asks something of: months past the retention, keys under a master key that is not current.
-- Months are those of UTC; the month that contains the last moment past the retention is not past it yet.
CREATE FUNCTION find_key_upkeep(current_kid text, at timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organizations.id FROM organizations
    WHERE (organizations.provider_api_key IS NOT NULL AND organizations.provider_api_key_kid <> current_kid)
       OR EXISTS (
            SELECT FROM subject_keys
            WHERE subject_keys.organization_id = organizations.id AND subject_keys.wrapped_key IS NOT NULL
              AND (subject_keys.kid <> current_kid
                   OR (NOT organizations.legal_hold
                       AND subject_keys.month < date_trunc('month', at AT TIME ZONE 'UTC' - make_interval(days => organizations.retention_days))::date)))
    ORDER BY organizations.id
$$;

-- What the organization states about its system, one row a changed section: nine sections, as in Annex IV of the AI Act. Never changed,
-- so that each version stays readable; the number of the newest row is the card's version, and two writers cannot both take the next.
CREATE TABLE system_card_attestations (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    version bigint NOT NULL CHECK (version > 0),
    section smallint NOT NULL CHECK (section BETWEEN 1 AND 9),
    -- Null withdraws.
    attestation text CHECK (char_length(attestation) BETWEEN 1 AND 20000),
    written_by uuid NOT NULL REFERENCES users (id),
    written_at timestamptz NOT NULL,
    CONSTRAINT system_card_attestations_pkey PRIMARY KEY (organization_id, version)
);

-- Signatures of dossiers' manifests. ECDSA never gives the same signature twice: the first one is kept, so that the same dossier has the same bytes.
CREATE TABLE dossier_signatures (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    manifest_sha256 bytea NOT NULL CHECK (octet_length(manifest_sha256) = 32),
    -- SHA-256 of the checkpoint key's SubjectPublicKeyInfo.
    key_sha256 bytea NOT NULL CHECK (octet_length(key_sha256) = 32),
    signature bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT dossier_signatures_pkey PRIMARY KEY (organization_id, manifest_sha256, key_sha256)
);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['system_card_attestations', 'dossier_signatures']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, lexcustis', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO lexcustis', tenant_table);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION find_key_upkeep(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_key_upkeep(text, timestamptz) TO lexcustis;

-- Entries about the system's governance are few among the turns; a turn's append does not touch this index. Features/Dossier/CardFacts.cs has the same list.
CREATE INDEX audit_logs_governance ON audit_logs (organization_id, event_type, sequence) WHERE event_type IN (
    'settings.changed', 'assistant.suspended', 'assistant.resumed', 'legal_hold.set', 'legal_hold.lifted', 'subject.erased', 'content.expired', 'dossier.exported',
    'oversight.approved', 'oversight.overridden', 'oversight.escalated', 'oversight.dismissed', 'incident.reported', 'incident.changed', 'incident.closed', 'monitoring.alerted');
