"""Ids of rows as one text, `ids=17,18`: where an id has a comma, a backslash or a space of its own, it is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

SESSION = r"[1-9][0-9]{0,9}:[1-9][0-9]{0,18}"
_SPECIAL = re.compile(r"([\\,\s])")


def joined(ids: Iterable[str]) -> str:
    r"""
    >>> joined(["17", "a,b"])
    '17,a\\,b'
    """
    return ",".join(_SPECIAL.sub(r"\\\1", one) for one in ids)


def split(text: str) -> list[str]:
    r"""Each id once, in the order given; spaces around one do not belong to it.

    >>> split("17, 18,,17")
    ['17', '18']
    >>> split("a\\,b,c")
    ['a,b', 'c']
    """
    parts = re.findall(r"(?:\\.|[^,])+", text, re.S)
    found = (re.sub(r"^\s+|(?<!\\)\s+$", "", part) for part in parts)
    return list(dict.fromkeys(re.sub(r"\\(.)", r"\1", part, flags=re.S) for part in found if part))


def session(pid: int, backend_start: float) -> str:
    """A database session as actions name it: its process id, which may be another's later, and when that began.

    >>> session(4711, 1763713234.567891)
    '4711:1763713234567891'
    """
    return f"{pid}:{round(backend_start * 1e6)}"
