"""Profiles that were found valid before: a console that starts on one paints first and validates after.

Only an order of doing things hangs on this. What is remembered wrongly, or lost, costs 0.2 s at a start or lets a bad
profile be refused a moment after the terminal was taken; it is refused all the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from services.profile.raw import Raw

KEPT = 100  # demos write a new profile each time


def knows(raw: Raw) -> bool:
    """Whether this very content was found valid on this machine."""
    return _mark(raw) in _marks()


def remember(raw: Raw) -> None:
    if (mark := _mark(raw)) in (marks := _marks()):
        return
    file = _file()
    with contextlib.suppress(OSError):  # a home that cannot be written to: every start validates first
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text("".join(f"{kept}\n" for kept in [*marks[1 - KEPT :], mark]))


def _mark(raw: Raw) -> str:
    """The age of the models is part of it, so that another version of watchdeck validates for itself."""
    digest = hashlib.sha256(json.dumps(raw.data, sort_keys=True, default=str).encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(str(source.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def _marks() -> list[str]:
    try:
        return _file().read_text().split()
    except (OSError, UnicodeDecodeError):
        return []


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("watchdeck")) / "valid-profiles"
