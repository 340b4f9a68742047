#!/bin/sh
# Puts the newest release below releases/ live, tests it, and goes back when a test fails.
set -eu
cd "@HOME@"
new=$(ls -1 releases | sort -V | tail -n 1)
old=$(basename "$(readlink current)")
echo "deploying $new over $old"
ln -sfn "releases/$new" current
"@BIN@/systemctl" restart app-web
echo "testing $new"
if "@PYTHON@" scripts/smoke.py "@WEB@"; then
    echo "$new is live"
else
    echo "a test failed: back to $old" >&2
    ln -sfn "releases/$old" current
    "@BIN@/systemctl" restart app-web
    exit 1
fi
