"""SQL that is the same for every profile, one file per question."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def query(name: str) -> str:
    """The text of NAME.sql."""
    return (resources.files("services") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
