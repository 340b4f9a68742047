"""A figure against a value: of all that `*` stands for, each has to compare."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from services.compare import COMPARE
from services.figures import Instance, figure, instances
from services.procedures.seen import Seen
from services.procedures.verdict import State, Verdict, worst
from services.readings import AtLeast, Estimate, Figure, Unknown, number
from services.units import Unit, of_figure, told

if TYPE_CHECKING:
    from services.profile import Condition

_NAMED = 3  # of those that do not hold


def judge(condition: Condition, seen: Seen, title: str) -> Verdict:
    at = seen.read_at(condition.source)
    if reason := seen.silence(condition.source):
        return Verdict(title, "unknown", reason, at=at)
    state = seen.snapshot.get(condition.source)
    values = state.good.values if state and state.good else None
    found = [(each, figure(values, each.path)) for each in instances(values, condition.figure)]
    if not found:
        return Verdict(title, "unknown", f"there is no {condition.figure} now", at=at)
    return _together(condition, found, title, at)


def _together(condition: Condition, found: list[tuple[Instance, Figure]], title: str, at: float | None) -> Verdict:
    assert condition.value is not None
    unit = of_figure(condition.figure)
    judged = [(each, value, compares(value, condition.op, condition.value)) for each, value in found]
    state = worst(one for _, _, one in judged)
    decisive = [(each, value) for each, value, one in judged if one == state]
    asked = f"({condition.op} {told(condition.value, unit)})"
    if len(found) == 1 or state != "holds":
        named = "; ".join(_one(each, value, unit) for each, value in decisive[:_NAMED])
        more = f" and {len(decisive) - _NAMED} more" if len(decisive) > _NAMED else ""
        said = f"{named}{more} {asked}"
    else:
        each, value = _nearest(condition, found)
        said = f"all {len(found)}, nearest {_one(each, value, unit)} {asked}"
        decisive = [(each, value)]
    return Verdict(title, state, said, number(decisive[0][1]), at)


def compares(value: Figure, op: str, limit: float) -> State:
    """A lower bound says nothing about what lies above it: at least 10,000 is not known to be below 20,000."""
    plain = number(value)
    if plain is None or math.isnan(plain):
        return "unknown"
    holds = COMPARE[op](plain, limit)
    if isinstance(value, AtLeast) and not _settled(op, plain, limit):
        return "unknown"
    return "holds" if holds else "fails"


def _settled(op: str, least: float, limit: float) -> bool:
    """Whether every number from `least` on compares the same."""
    return least > limit or (least == limit and op in (">=", "<"))


def _nearest(condition: Condition, found: list[tuple[Instance, Figure]]) -> tuple[Instance, Figure]:
    limit = condition.value or 0.0
    return min(found, key=lambda one: abs((number(one[1]) or 0.0) - limit))


def _one(each: Instance, value: Figure, unit: Unit) -> str:
    return f"{each.name}: {_said(value, unit)}" if each.name else _said(value, unit)


def _said(value: Figure, unit: Unit) -> str:
    plain = number(value)
    if isinstance(value, Unknown) or plain is None:
        return str(value)
    before = "~" if isinstance(value, Estimate) else "at least " if isinstance(value, AtLeast) else ""
    return f"{before}{told(plain, unit)}"
