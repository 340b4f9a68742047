"""SQL that is the same for every profile, one file per question.

NAME.sql is for every supported server. Where a newer server can say more, or says it elsewhere, NAME.from_16.sql is for
that version and those after it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def query(name: str, version: int = 0) -> str:
    """The text of NAME.sql, or of the newest form of it for a server of this version (18, not 180004)."""
    folder = resources.files("services") / "queries"
    for major in range(version, 0, -1):
        newer = folder / f"{name}.from_{major}.sql"
        if newer.is_file():
            return newer.read_text(encoding="utf-8")
    return (folder / f"{name}.sql").read_text(encoding="utf-8")
