"""Stands for journalctl: tells the lines of the demo's journal that are of the units asked for, and follows it."""

import json
import sys
import time
from pathlib import Path

PATH = ""  # filled in by the demo

units: set[str] = set()
lines: int | None = None
after, follow = "", False
for each in sys.argv[1:]:
    key, _, value = each.partition("=")
    if key == "--unit":
        units.add(value.removesuffix(".service") + ".service")
    elif key == "--lines":
        lines = int(value)
    elif key == "--after-cursor":
        after = value
    elif key in ("--follow", "-f"):
        follow = True


def fits(line: str) -> bool:
    return not units or json.loads(line).get("_SYSTEMD_UNIT") in units


with Path(PATH).open(encoding="utf-8") as journal:
    there = [line for line in journal if fits(line)]
    if after:
        at = next((number for number, line in enumerate(there) if json.loads(line)["__CURSOR"] == after), -1)
        there = there[at + 1 :]
    elif lines is not None:
        there = there[-lines:] if lines else []
    sys.stdout.writelines(there)
    sys.stdout.flush()
    partial = ""
    while follow:
        partial += journal.readline()
        if not partial.endswith("\n"):
            time.sleep(0.2)
            continue
        if fits(partial):
            sys.stdout.write(partial)
            sys.stdout.flush()
        partial = ""
