"""The last one out: when the demo's process ends, however it ends, stops its PostgreSQL servers and removes its folder.

Everything else of the demo holds a lifeline and ends by itself; PostgreSQL and a folder cannot.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_S = 10.0


def postmasters(folder: Path) -> list[int]:
    """The servers whose data is in the folder, or in one of the folders in it."""
    files = [*folder.glob("data/postmaster.pid"), *folder.glob("*/data/postmaster.pid")]
    return [pid for file in files if (pid := _alive(file, folder))]


def _alive(file: Path, folder: Path) -> int | None:
    """The process id that the file names, if it is alive and really a server of this folder."""
    try:
        pid = int(file.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError):  # no /proc: believe the file
        if str(folder).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return None
    return pid


def clean_up(folder: Path) -> None:
    """Ends the servers and removes the folder; tries again while something (an initdb under way) still writes there."""
    deadline = time.monotonic() + PATIENCE_S
    while folder.exists() and time.monotonic() < deadline:
        late = time.monotonic() > deadline - PATIENCE_S / 2
        for pid in (alive := postmasters(folder)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGINT)
        if not alive:
            shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


def guard(folder: Path) -> subprocess.Popen[bytes]:
    """Posts one over the folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.demo.guardian", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )


def relieve(guardian: subprocess.Popen[bytes]) -> None:
    """Lets the guardian finish; it removes what else is left."""
    assert guardian.stdin
    guardian.stdin.close()
    guardian.wait(15)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    sys.stdin.buffer.read()
    clean_up(folder)


if __name__ == "__main__":
    main()
