-- breaking: no
-- Documents that are ready while their vectors are not written: they are found by their words, and the vectors are made up for.

CREATE TABLE missing_vectors (
    document_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    -- What the API tells about it, in the words of a turn's degraded sources.
    reason text NOT NULL CHECK (reason IN ('vectors_missing', 'vector_store', 'embedding')),
    attempts integer NOT NULL,
    -- Until then nobody tries it, by the database's clock. Whoever tries puts it off while it works.
    due_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, document_id) REFERENCES documents (organization_id, id) ON DELETE CASCADE
);

-- Takes the next ready document, of whatever organization, that has no vectors of any model and is due, for as long as the lease says. Documents with
-- vectors of another model or in another store are not taken: two servers with different settings would undo each other's work.
-- Nobody waits for a document that another server is just taking; one that it has taken since this statement began is not due any more.
CREATE FUNCTION claim_missing_vectors(lease_seconds double precision) RETURNS TABLE (document_id uuid, organization_id uuid, attempts integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO missing_vectors AS known (document_id, organization_id, reason, attempts, due_at)
    SELECT document.id, document.organization_id, 'vectors_missing', 1, now() + make_interval(secs => lease_seconds)
    FROM documents AS document
    LEFT JOIN missing_vectors AS tried ON tried.document_id = document.id
    WHERE document.status = 'ready' AND coalesce(tried.due_at, '-infinity') <= now()
      AND NOT EXISTS (SELECT FROM document_vectors AS written WHERE written.document_id = document.id)
    ORDER BY tried.due_at NULLS FIRST, document.id
    LIMIT 1
    FOR NO KEY UPDATE OF document SKIP LOCKED
    ON CONFLICT (document_id) DO UPDATE SET attempts = known.attempts + 1, due_at = excluded.due_at WHERE known.due_at <= now()
    RETURNING known.document_id, known.organization_id, known.attempts
$$;

ALTER TABLE missing_vectors ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON missing_vectors USING (organization_id = current_organization());
REVOKE ALL ON FUNCTION claim_missing_vectors(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_missing_vectors(double precision) TO lexcustis;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing_vectors TO lexcustis;
