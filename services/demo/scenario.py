"""Something that goes wrong in a running stack on purpose: what starts it, how one sees its repair, what ends it.

`M` is what a system's scenarios may use of the stack that runs: its means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

M = TypeVar("M")


def _nothing(means: object) -> None:
    """Nothing is left to do."""


def by_nobody_here(means: object) -> bool:
    """Repaired by nothing that an operator can do at the console."""
    return False


@dataclass(frozen=True)
class Scenario(Generic[M]):
    title: str
    help: str  # what happens, and how an operator puts it right
    start: Callable[[M], None]
    repaired: Callable[[M], bool]  # by what the operator did
    repair: Callable[[M], None] = _nothing  # as if by somebody else
    end: Callable[[M], None] = _nothing  # what follows once it is repaired
    tells: frozenset[str] = frozenset()  # the rules that fire by it: those that a drill on it is timed by
