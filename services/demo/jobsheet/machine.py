"""What the demo's machine has instead of systemd and chrony, through the same commands: programs for its folder."""

from __future__ import annotations

import sys

SYSTEMCTL = f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path

PID = Path("@HOME@") / "worker.pid"
UNIT = "jobsheet-worker"


def pid():
    try:
        return int(PID.read_text())
    except (OSError, ValueError):
        return 0


def alive(number):
    try:
        os.kill(number, 0)
    except OSError:
        return False
    return number > 0


def restart():
    old = pid()
    if alive(old):
        os.kill(old, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if pid() != old and alive(pid()):
            return 0
        time.sleep(0.05)
    print(f"Job for {{UNIT}}.service failed.", file=sys.stderr)
    return 1


match sys.argv[1:]:
    case ["restart", unit] if unit == UNIT:
        sys.exit(restart())
    case ["is-active", "--quiet", unit] if unit == UNIT:
        sys.exit(0 if alive(pid()) else 3)
    case _:
        print(f"Unit {{sys.argv[-1]}} not found.", file=sys.stderr)
        sys.exit(5)
"""

CHRONYC = f"""#!{sys.executable}
import sys
from pathlib import Path

CLOCK = Path("@HOME@") / "clock"

off = CLOCK.read_text()
if sys.argv[1:2] == ["waitsync"]:
    print(f"try: 1, refid: 7F7F0101, correction: {{abs(float(off)):.9f}}, skew: 0.000")
    sys.exit(int(float(off) != 0))
if sys.argv[1:] != ["makestep"]:
    print("Unrecognized command", file=sys.stderr)
    sys.exit(1)
new = CLOCK.with_name(".clock.new")
new.write_text("0")
new.replace(CLOCK)
print(f"200 OK: stepped by {{-float(off):+.1f}} s")
"""
