#!/bin/sh
# Restores a backup of backup-postgres.sh into the empty database of OBM_STORE: all of it, or nothing.
set -eu
file=${1:?usage: OBM_STORE=postgres://… restore-postgres.sh FILE}
: "${OBM_STORE:?expected postgres://user:password@host/database}"
tables=$(psql --no-psqlrc --tuples-only --no-align --dbname="$OBM_STORE" \
  --command="SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" != 0 ]; then
  echo "the database has $tables tables: restore into an empty one (CREATE DATABASE …)" >&2
  exit 1
fi
pg_restore --single-transaction --exit-on-error --no-owner --no-privileges --dbname="$OBM_STORE" "$file"
