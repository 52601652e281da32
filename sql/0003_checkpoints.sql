-- breaking: no
-- Signed tree heads of each organization's log, and the tree's nodes that proofs need. Both only ever grow.

-- A C2SP tlog-checkpoint as it was signed. Its size stands in the note too; here it is to be indexed, and verification compares them.
CREATE TABLE audit_checkpoints (
    organization_id uuid NOT NULL,
    tree_size bigint NOT NULL CHECK (tree_size > 0),
    note text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (organization_id, tree_size)
);

-- Roots of the complete subtrees of 2^level entries; index i covers sequences i * 2^level + 1 and on. Below level 6 they are computed from
-- the entries, 64 at most, so that there is one row here for each 32 entries.
CREATE TABLE audit_tree_nodes (
    organization_id uuid NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 6 AND 62),
    index bigint NOT NULL CHECK (index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    CONSTRAINT audit_tree_nodes_pkey PRIMARY KEY (organization_id, level, index)
);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['audit_checkpoints', 'audit_tree_nodes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, lexcustis', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO lexcustis', tenant_table);
    END LOOP;
END $$;

-- Every log that there is, with its last sequence and its last checkpoint. It steps from one organization to the next in the indexes,
-- so that its cost grows with the organizations and not with their entries.
CREATE FUNCTION list_trees() RETURNS TABLE (organization_id uuid, entries bigint, note text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE logged AS (
        (SELECT audit_logs.organization_id AS id FROM audit_logs ORDER BY audit_logs.organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT audit_logs.organization_id FROM audit_logs WHERE audit_logs.organization_id > logged.id ORDER BY audit_logs.organization_id LIMIT 1)
        FROM logged WHERE logged.id IS NOT NULL
    ), signed AS (
        (SELECT audit_checkpoints.organization_id AS id FROM audit_checkpoints ORDER BY audit_checkpoints.organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT audit_checkpoints.organization_id FROM audit_checkpoints WHERE audit_checkpoints.organization_id > signed.id ORDER BY audit_checkpoints.organization_id LIMIT 1)
        FROM signed WHERE signed.id IS NOT NULL
    ), trees AS (
        SELECT id FROM logged WHERE id IS NOT NULL UNION SELECT id FROM signed WHERE id IS NOT NULL
    )
    SELECT trees.id,
        coalesce((SELECT audit_logs.sequence FROM audit_logs WHERE audit_logs.organization_id = trees.id ORDER BY audit_logs.sequence DESC LIMIT 1), 0),
        (SELECT audit_checkpoints.note FROM audit_checkpoints WHERE audit_checkpoints.organization_id = trees.id ORDER BY audit_checkpoints.tree_size DESC LIMIT 1)
    FROM trees ORDER BY trees.id
$$;

CREATE OR REPLACE FUNCTION list_organizations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM organizations UNION SELECT organization_id FROM list_trees() ORDER BY 1
$$;

REVOKE ALL ON FUNCTION list_trees() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_trees() TO lexcustis;
