#!/bin/bash
# Run by the PostgreSQL image when its volume is new: the login of api and worker, which owns nothing. `migrate` gives it its roles.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$SEISMOLOG_DATABASE_PASSWORD" -v database="$POSTGRES_DB" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role seismolog login noinherit password :'password';
revoke all on database :"database" from public;
grant connect on database :"database" to seismolog;
SQL
