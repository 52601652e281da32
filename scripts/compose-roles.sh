#!/usr/bin/env bash
# Run by the postgres image when compose.yaml starts on an empty volume: makes the two roles of scripts/roles.sql.
set -euo pipefail

# The variables reach psql by its standard input: an argument list shows in the host's process table.
psql --username=postgres --dbname=lexcustis --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 <<'END'
\set owner_password `cat /run/secrets/owner_password`
\set app_password `cat /run/secrets/app_password`
\i /roles.sql
END
