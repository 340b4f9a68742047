#!/bin/sh
# Goes back by one release, or to the one that is named; --list tells which there are, the newest first.
set -eu
cd "@HOME@"
now=$(basename "$(readlink current)")
if [ "${1:-}" = "--list" ]; then
    ls -1 releases | sort -rV | while read -r each; do
        [ "$each" = "$now" ] && echo "$each  live" || echo "$each"
    done
    exit 0
fi
to=${1:-$(ls -1 releases | sort -V | grep -B 1 -x "$now" | head -n 1)}
[ -d "releases/$to" ] || { echo "there is no release $to" >&2; exit 1; }
[ "$to" != "$now" ] || { echo "$to is live already" >&2; exit 1; }
echo "from $now back to $to"
ln -sfn "releases/$to" current
"@BIN@/systemctl" restart app-web
echo "$to is live"
