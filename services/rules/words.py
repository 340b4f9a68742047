"""A rule's condition in words: "> 20 for 10 m"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.profile.rules import AnyRule, Level


def condition(rule: AnyRule, level: Level) -> str:
    wait = f" for {duration(level.for_)}" if level.for_ else ""
    return f"{level.op} {level.value:g}{wait}"


def duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
