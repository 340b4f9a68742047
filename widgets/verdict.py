"""How something is, told three ways at once: by a shape, by words and by a colour that only repeats them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from services.readings import Figure, Unknown, number
from widgets.lines import Line

Grade: TypeAlias = Literal["good", "warn", "bad", "unknown"]
SHAPES: dict[Grade, str] = {"good": "●", "warn": "▲", "bad": "✖", "unknown": "?"}
_ORDER: tuple[Grade, ...] = ("good", "unknown", "warn", "bad")


def verdict(grade: Grade, words: str) -> Line:
    """The first line of a tile: "✖ 12 stale locks"."""
    return ((f"{SHAPES[grade]} ", grade), (words, "bold" if grade == "good" else grade))


def grade_of(said: Line) -> Grade | None:
    """The grade of a line that `verdict` made; None for any other."""
    style = said[0][1] if said else ""
    return style if style in SHAPES else None


def worst(*grades: Grade) -> Grade:
    return max(grades, key=_ORDER.index, default="unknown")


def above(value: Figure, warn: float, bad: float) -> Grade:
    """Where a figure stands between two limits. Only a hint to the eye: verdicts come from the rules."""
    plain = number(value)
    if isinstance(value, Unknown) or plain is None:
        return "unknown"
    return "bad" if plain > bad else "warn" if plain > warn else "good"
