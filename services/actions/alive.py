"""Whether a process that was noted down is still that process: numbers are given out again."""

from __future__ import annotations

import os
from pathlib import Path


def birth(pid: int) -> str:
    """When it began, as the kernel says it, in ticks since the start of the machine; empty where nobody says."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]  # the name before it may have anything in it


def lives(pid: int, born: str) -> bool:
    """`born` as `birth` told it then; where that is not known, the number has to do."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, then
    return not born or birth(pid) == born
