-- breaking: no
-- Uploaded documents: the file, the queue that indexes it, and the passages it was cut into.

CREATE TABLE documents (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    uploaded_by uuid NOT NULL REFERENCES users (id),
    uploaded_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'indexing', 'ready', 'failed')),
    -- Why it failed: a word for programs, and a sentence for the person who uploaded it.
    reason_code text,
    reason text,
    -- Known once it was read.
    pages integer,
    language regconfig,
    chunks_done integer NOT NULL DEFAULT 0,
    chunks_total integer,
    -- The queue. Its times are the database's own: one clock for all servers. A server that takes a document makes a claim, which holds until
    -- claimed_until and is put off while it works; past that, any other may take it.
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    claim uuid,
    claimed_until timestamptz,
    -- The same bytes are one document, however often and at once they are uploaded.
    CONSTRAINT documents_same_bytes UNIQUE (organization_id, sha256),
    -- What the tables below refer to: a file or passage belongs to its document's organization. Also the order of the list.
    CONSTRAINT documents_organization UNIQUE (organization_id, id),
    CHECK ((status = 'failed') = (reason IS NOT NULL) AND (reason IS NULL) = (reason_code IS NULL)),
    CHECK ((claim IS NULL) = (claimed_until IS NULL) AND (claim IS NULL) = (status <> 'indexing'))
);
CREATE INDEX documents_queue ON documents (due_at) WHERE status IN ('queued', 'indexing');

-- Apart from its document, so that a list of documents never reads a file.
CREATE TABLE document_files (
    document_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    bytes bytea NOT NULL,
    FOREIGN KEY (organization_id, document_id) REFERENCES documents (organization_id, id) ON DELETE CASCADE
);
-- Most formats are compressed already.
ALTER TABLE document_files ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE document_passages (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    document_id uuid NOT NULL,
    position integer NOT NULL CHECK (position >= 0),
    -- The headings above it, outermost first, joined by " › "; empty at the document's top.
    heading text NOT NULL,
    -- 1-based page of its first character, where the format has pages.
    page integer,
    -- Where it stands in the document's extracted text, in UTF-16 code units.
    start_offset integer NOT NULL,
    end_offset integer NOT NULL CHECK (end_offset > start_offset),
    content text NOT NULL,
    language regconfig NOT NULL DEFAULT 'simple',
    search tsvector NOT NULL GENERATED ALWAYS AS (setweight(to_tsvector(language, heading), 'B') || setweight(to_tsvector(language, content), 'D')) STORED,
    UNIQUE (document_id, position),
    FOREIGN KEY (organization_id, document_id) REFERENCES documents (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX document_passages_organization ON document_passages (organization_id, document_id);
CREATE INDEX document_passages_search ON document_passages USING gin (search);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['documents', 'document_files', 'document_passages']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
    END LOOP;
END $$;

-- Takes the next document that is due, of whatever organization, for as long as the lease says: those first of whose organization the fewest are
-- being indexed, so that one which uploads a thousand does not hold up the others. Nobody waits for a row that another server is just taking.
CREATE FUNCTION claim_document(new_claim uuid, lease_seconds double precision)
RETURNS TABLE (id uuid, organization_id uuid, media_type text, attempts integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE documents SET status = 'indexing', claim = new_claim, claimed_until = now() + make_interval(secs => lease_seconds), attempts = documents.attempts + 1
    WHERE documents.id = (
        SELECT next.id
        FROM documents AS next
        LEFT JOIN (SELECT busy.organization_id, count(*) AS claims FROM documents AS busy WHERE busy.status = 'indexing' GROUP BY busy.organization_id) AS others
            ON others.organization_id = next.organization_id
        WHERE next.status IN ('queued', 'indexing') AND next.due_at <= now() AND (next.claimed_until IS NULL OR next.claimed_until <= now())
        ORDER BY coalesce(others.claims, 0), next.due_at, next.id
        LIMIT 1
        FOR UPDATE OF next SKIP LOCKED
    )
    RETURNING documents.id, documents.organization_id, documents.media_type, documents.attempts
$$;

-- PostgreSQL lets everyone execute a new function.
REVOKE ALL ON FUNCTION claim_document(uuid, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_document(uuid, double precision) TO lexcustis;
GRANT SELECT, INSERT, UPDATE, DELETE ON documents TO lexcustis;
-- Files and passages also go with their document; the application itself only ever replaces passages.
GRANT SELECT, INSERT ON document_files TO lexcustis;
GRANT SELECT, INSERT, DELETE ON document_passages TO lexcustis;
