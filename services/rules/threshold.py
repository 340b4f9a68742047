"""The threshold: one figure against one number, given enough events."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.figures import figure
from services.readings import AtLeast, Figure, Unknown, Values, number
from services.rules.verdict import Verdict

if TYPE_CHECKING:
    from services.profile import Rule

_COMPARE: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
)


def verdict(rule: Rule, values: Values) -> Verdict:
    value = figure(values, rule.figure)
    if isinstance(value, Unknown):
        return Verdict(None, value, str(value))
    if rule.events and (reason := _too_few(figure(values, rule.events), rule)):
        return Verdict(None, value, reason)
    holds = _holds(value, rule)
    if holds is None:
        return Verdict(None, value, "the count stopped at its cap, on the near side of the threshold")
    return Verdict(holds, value)


def _too_few(events: Figure, rule: Rule) -> str:
    """Why a share over so few events says nothing; empty when there are enough."""
    count = number(events)
    if count is None:
        return f"{rule.events}: {events}"
    return "" if count >= rule.min_events else f"only {count:g} of {rule.min_events} events needed"


def _holds(value: Figure, rule: Rule) -> bool | None:
    """None where a capped count leaves it open: at least 10,000 says nothing about `> 20,000`."""
    told = number(value)
    assert told is not None
    holds = _COMPARE[rule.op](told, rule.value)
    upwards = rule.op in (">", ">=")
    return None if isinstance(value, AtLeast) and holds != upwards else holds
