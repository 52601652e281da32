-- The two roles that LexCustis signs in as, made for the database that this runs in:
--
--   lexcustis_owner  owns the database and its tables; `lexcustis migrate` uses it, nothing else does
--   lexcustis        the running server; owns nothing and is bound by row-level security
--
-- Run it as a superuser; running it again sets the passwords anew. On your own PostgreSQL (16 or newer):
--
--   createdb lexcustis
--   psql -d lexcustis -v ON_ERROR_STOP=1 -v owner_password=... -v app_password=... -f scripts/roles.sql
--
-- scripts/services runs it too, without psql: statements end in a semicolon and an empty line, and the two psql
-- variables are all that it uses of psql.

-- A variable reaches the block below as a setting, because psql substitutes nothing inside dollar quotes.
SET setup.owner_password = :'owner_password';

SET setup.app_password = :'app_password';

DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['lexcustis_owner', 'lexcustis'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I', role_name);
    END IF;
  END LOOP;
  EXECUTE format('ALTER ROLE lexcustis_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD %L',
                 current_setting('setup.owner_password'));
  EXECUTE format('ALTER ROLE lexcustis LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD %L',
                 current_setting('setup.app_password'));
  -- No other role of a shared PostgreSQL may even connect.
  EXECUTE format('ALTER DATABASE %I OWNER TO lexcustis_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO lexcustis', current_database());
END
$$;
