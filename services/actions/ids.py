"""Ids of rows as one text, `ids=17,18`: where an id has a comma, a backslash or a space of its own, it is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
