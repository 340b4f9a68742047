#!/bin/sh
# Dumps the database below backups/, packs it, and lets db_latest.sql.gz lead to it.
set -eu
cd "@HOME@/backups"
name="db_$(date -u +%Y-%m-%d).sql"
trap 'rm -f "$name.part" "$name.part.gz"' EXIT
echo "dumping"
"@PG_DUMP@" --file="$name.part" "@DSN@"
gzip -f "$name.part"
mv "$name.part.gz" "$name.gz"
ln -sfn "$name.gz" db_latest.sql.gz
echo "$name.gz: $(wc -c < "$name.gz") bytes"
