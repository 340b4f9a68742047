"""A figure against one level of a rule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from services.compare import COMPARE
from services.readings import AtLeast, Figure, Unknown, number
from services.rules.look import Labels, Look

if TYPE_CHECKING:
    from services.profile.rules import Level

CAPPED = "the count stopped at its cap, on the near side of the threshold"


def compared(labels: Labels, value: Figure, level: Level, at: float) -> Look:
    """Over the threshold, on the good side of the clear value, neither, or that cannot be told."""
    if isinstance(value, Unknown):
        return unknown(labels, value, str(value), at)
    if math.isnan(number(value) or 0.0):
        return unknown(labels, value, "it is reported as not a number", at)
    over = beyond(value, level.op, level.value)
    over_clear = over if level.clear is None else beyond(value, level.op, level.clear)
    clears = None if over_clear is None else not over_clear
    return Look(labels, value, over, clears, CAPPED if over is None else "", at)


def beyond(value: Figure, op: str, threshold: float) -> bool | None:
    """None where a capped count leaves it open: at least 10,000 says nothing about `> 20,000`."""
    told = number(value)
    if told is None:
        return None
    over = COMPARE[op](told, threshold)
    upwards = op in (">", ">=")
    return None if isinstance(value, AtLeast) and over != upwards else over


def told(labels: Labels, value: Figure, holds: bool, at: float) -> Look:
    """Of a condition that is there or is not, with nothing between."""
    return Look(labels, value, holds, not holds, "", at)


def unknown(labels: Labels, value: Figure, reason: str, at: float) -> Look:
    return Look(labels, value, None, None, reason, at)


def none_now(what: str, at: float) -> Look:
    """The source answers, and has nothing that the rule is about."""
    return none(f"there is no {what} now", at)


def none(reason: str, at: float) -> Look:
    return unknown((), Unknown("no data yet", reason), reason, at)
