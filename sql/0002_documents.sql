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
    -- Why it failed, in words for the person who uploaded it.
    reason text,
    pages integer,
    chunks_done integer NOT NULL DEFAULT 0,
    chunks_total integer,
    -- The queue. A server that takes a document holds it until claimed_until, and puts that off while it works; past it, any other may take it.
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    claimed_by uuid,
    claimed_until timestamptz,
    CHECK ((status = 'failed') = (reason IS NOT NULL))
);
CREATE INDEX documents_organization ON documents (organization_id, id DESC);
CREATE INDEX documents_queue ON documents (due_at) WHERE status IN ('queued', 'indexing');

-- Apart from its document, so that a list of documents never reads a file.
CREATE TABLE document_files (
    document_id uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    bytes bytea NOT NULL
);
ALTER TABLE document_files ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE document_passages (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
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
    UNIQUE (document_id, position)
);
CREATE INDEX document_passages_organization ON document_passages (organization_id);
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
GRANT SELECT, INSERT, UPDATE, DELETE ON documents TO lexcustis;
GRANT SELECT, INSERT, DELETE ON document_files, document_passages TO lexcustis;
