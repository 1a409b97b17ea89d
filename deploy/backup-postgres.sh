#!/bin/sh
# Backs up the PostgreSQL store of OBM_STORE while it is used: one snapshot, in pg_dump's own format, under its name only when
# it is whole. pg_dump must be as new as the server. The secret key is not in it.
set -eu
file=${1:?usage: OBM_STORE=postgres://… backup-postgres.sh FILE}
: "${OBM_STORE:?expected postgres://user:password@host/database}"
if [ -e "$file" ]; then
  echo "$file is there already" >&2
  exit 1
fi
trap 'rm -f "$file.unfinished"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file="$file.unfinished" --dbname="$OBM_STORE"
pg_restore --list "$file.unfinished" >/dev/null
sync "$file.unfinished" 2>/dev/null || sync
mv "$file.unfinished" "$file"
