"""A record as lists have it: what it is, how it stands, and what is late about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """`loud` is what is late or forgotten, in words; "" when nothing is."""

    id: str
    kind: str
    of: str
    title: str
    state: str
    at: float  # unix seconds: when it was begun
    by: str
    about: str = ""
    loud: str = ""
    over: bool = False
