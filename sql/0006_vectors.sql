-- breaking: no
-- Finding passages: by their words, which are counted as passages come and go, and by their vectors.

-- Part of every PostgreSQL; trusted, so that the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Words together with their organization: one organization's frequent word costs another's search nothing.
-- Without a list of pending entries, which each search would read from end to end.
DROP INDEX document_passages_search;
CREATE INDEX document_passages_words ON document_passages USING gin (organization_id, search) WITH (fastupdate = off);

-- Word counts -------------------------------------------------------------------------------------------------------------------

-- One row an organization that has, or had, passages. Whoever changes its counts holds this row first, so that two never wait for each other.
CREATE TABLE passage_statistics (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    passages bigint NOT NULL,
    -- Those that its passages were analysed in; may name one that is gone.
    languages regconfig[] NOT NULL,
    -- Grows whenever a vector in passage_vectors is written or goes away: a server whose copy has another number reads what changed.
    vector_change bigint NOT NULL DEFAULT 0
);

-- How many passages of the organization have the word: a question's rare words are looked up first. No reference, which would be checked
-- for each word of each passage; the trigger below alone writes here, and takes away words that no passage has any more.
CREATE TABLE passage_words (
    organization_id uuid NOT NULL,
    lexeme text NOT NULL,
    passages bigint NOT NULL,
    PRIMARY KEY (organization_id, lexeme)
) WITH (fillfactor = 80);

CREATE FUNCTION count_passages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO passage_statistics AS known (organization_id, passages, languages)
        SELECT organization_id, count(*), array_agg(DISTINCT language) FROM changed GROUP BY organization_id ORDER BY organization_id
        ON CONFLICT (organization_id) DO UPDATE SET
            passages = known.passages + excluded.passages,
            languages = ARRAY(SELECT DISTINCT language FROM unnest(known.languages || excluded.languages) AS language);
        INSERT INTO passage_words AS known (organization_id, lexeme, passages)
        SELECT organization_id, word.lexeme, count(*) FROM changed, unnest(search) AS word GROUP BY organization_id, word.lexeme
        ON CONFLICT (organization_id, lexeme) DO UPDATE SET passages = known.passages + excluded.passages;
    ELSE
        UPDATE passage_statistics AS known SET passages = known.passages - gone.passages, vector_change = known.vector_change + 1
        FROM (SELECT organization_id, count(*) AS passages FROM changed GROUP BY organization_id) AS gone
        WHERE known.organization_id = gone.organization_id;
        WITH gone AS MATERIALIZED (
            SELECT organization_id, word.lexeme, count(*) AS passages FROM changed, unnest(search) AS word GROUP BY organization_id, word.lexeme
        ), emptied AS (
            DELETE FROM passage_words AS known USING gone
            WHERE known.organization_id = gone.organization_id AND known.lexeme = gone.lexeme AND known.passages <= gone.passages
        )
        UPDATE passage_words AS known SET passages = known.passages - gone.passages FROM gone
        WHERE known.organization_id = gone.organization_id AND known.lexeme = gone.lexeme AND known.passages > gone.passages;
        -- A document that is cut anew has no vectors yet.
        DELETE FROM document_vectors WHERE document_id IN (SELECT document_id FROM changed);
    END IF;
    RETURN NULL;
END $$;
INSERT INTO passage_statistics (organization_id, passages, languages)
SELECT organization_id, count(*), array_agg(DISTINCT language) FROM document_passages GROUP BY organization_id;
INSERT INTO passage_words (organization_id, lexeme, passages)
SELECT organization_id, word.lexeme, count(*) FROM document_passages, unnest(search) AS word GROUP BY organization_id, word.lexeme;
CREATE TRIGGER count_new_passages AFTER INSERT ON document_passages REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_passages();
CREATE TRIGGER count_gone_passages AFTER DELETE ON document_passages REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_passages();

-- The passages of the entered organization that match, best first. A function with its owner's rights, because under row-level security the
-- operator @@ may not use an index (it isn't leakproof); so it confines itself. Of what matches at most `most` are looked at.
CREATE FUNCTION rank_passages(wanted tsquery, words tsquery[], weights real[], most integer, best integer)
RETURNS TABLE (id uuid, score real)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH candidate AS MATERIALIZED (
        SELECT passage.id, strip(passage.search) AS has FROM document_passages AS passage
        WHERE passage.organization_id = current_organization() AND passage.search @@ wanted
        LIMIT most
    ), foremost AS MATERIALIZED (
        SELECT candidate.id, (SELECT sum(word.weight) FROM unnest(words, weights) AS word (query, weight) WHERE candidate.has @@ word.query) AS held
        FROM candidate ORDER BY held DESC, candidate.id LIMIT best
    )
    -- How often a word stands there, and whether in a heading, counts too; ts_rank's weights are those of content, nothing, heading and title.
    SELECT passage.id, (SELECT sum(word.weight * ts_rank('{0.4, 0, 0.5, 0.6}', passage.search, word.query)) FROM unnest(words, weights) AS word (query, weight)
                        WHERE passage.search @@ word.query)::real AS score
    FROM foremost JOIN document_passages AS passage ON passage.organization_id = current_organization() AND passage.id = foremost.id
    ORDER BY score DESC, passage.id
$$;

-- Vectors -----------------------------------------------------------------------------------------------------------------------

-- The number of the entered organization's next change. Holds its row until the end of the transaction; null where it has no passages.
CREATE FUNCTION next_vector_change() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE passage_statistics SET vector_change = vector_change + 1 WHERE organization_id = current_organization() RETURNING vector_change
$$;

-- Where there is no Qdrant. Little-endian float32, length 1.
CREATE TABLE passage_vectors (
    passage_id uuid PRIMARY KEY REFERENCES document_passages (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    document_id uuid NOT NULL,
    -- The identity of the files that made it: vectors of two models don't compare.
    model text NOT NULL,
    -- passage_statistics.vector_change when it was written.
    change bigint NOT NULL,
    vector bytea NOT NULL
);
ALTER TABLE passage_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;
CREATE INDEX passage_vectors_changes ON passage_vectors (organization_id, model, change) INCLUDE (passage_id);
CREATE INDEX passage_vectors_document ON passage_vectors (document_id);

-- The documents that have all of their vectors, in which store and by which model. A document that is ready and not here is found by its words alone.
CREATE TABLE document_vectors (
    document_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    store text NOT NULL,
    model text NOT NULL,
    FOREIGN KEY (organization_id, document_id) REFERENCES documents (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX document_vectors_organization ON document_vectors (organization_id, document_id);

-- Documents that are gone and whose vectors outside PostgreSQL are to be taken away: left by the deletion itself, so that no crash forgets one.
CREATE TABLE vector_removals (
    document_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    due_at timestamptz NOT NULL,
    -- True once they were taken away. A server that was still indexing might write one more: so it is done again, later.
    swept boolean NOT NULL DEFAULT false
);
CREATE INDEX vector_removals_due ON vector_removals (due_at);

CREATE FUNCTION leave_vector_removal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO vector_removals (document_id, organization_id, due_at) VALUES (OLD.id, OLD.organization_id, now()) ON CONFLICT (document_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER leave_vector_removal AFTER DELETE ON documents FOR EACH ROW EXECUTE FUNCTION leave_vector_removal();

-- Over all organizations, for the server's own sweeping.
CREATE FUNCTION find_vector_removals(due timestamptz) RETURNS TABLE (organization_id uuid, document_id uuid, swept boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT removal.organization_id, removal.document_id, removal.swept FROM vector_removals AS removal WHERE removal.due_at <= due ORDER BY removal.due_at LIMIT 100
$$;

-- The knowledge base ------------------------------------------------------------------------------------------------------------

-- Another text is another id, so what is to be embedded is what has no vector.
ALTER TABLE knowledge_base_passages ADD COLUMN vector_id uuid NOT NULL
    GENERATED ALWAYS AS (md5(id || chr(10) || title || chr(10) || heading || chr(10) || content)::uuid) STORED;
CREATE UNIQUE INDEX knowledge_base_passages_vector ON knowledge_base_passages (vector_id);

CREATE TABLE knowledge_base_vectors (
    id uuid PRIMARY KEY,
    model text NOT NULL,
    change bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    vector bytea NOT NULL
);

-- Row-level security and privileges -----------------------------------------------------------------------------------------------

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['passage_statistics', 'passage_words', 'passage_vectors', 'document_vectors', 'vector_removals']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = current_organization())', tenant_table);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION count_passages(), rank_passages(tsquery, tsquery[], real[], integer, integer), next_vector_change(), leave_vector_removal(), find_vector_removals(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rank_passages(tsquery, tsquery[], real[], integer, integer), next_vector_change(), find_vector_removals(timestamptz) TO lexcustis;
GRANT SELECT ON passage_statistics, passage_words TO lexcustis;
GRANT SELECT, INSERT, UPDATE, DELETE ON passage_vectors, document_vectors, vector_removals, knowledge_base_vectors TO lexcustis;
