"""The kinds of rules: each a pure function from a rule, one of its levels and the past to what can be said now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.rules import absent, age, change, growth, threshold
from services.rules.compare import silent
from services.rules.look import Look

if TYPE_CHECKING:
    from services.profile.rules import AnyRule, Level
    from services.rules.past import Past

RULES: Mapping[str, Callable[[Any, Level, Past], tuple[Look, ...]]] = MappingProxyType(
    {
        "threshold": threshold.look,
        "growth": growth.look,
        "absent": absent.look,
        "age": age.look,
        "change": change.look,
    }
)


def look(rule: AnyRule, level: Level, past: Past) -> tuple[Look, ...]:
    """One look per instance. A single one without labels and with a reason where there is none: because the source
    does not answer (`past.silence` says so too), or because it answers and has nothing that the rule is about."""
    if reason := past.silence(rule.source):
        return (silent(reason),)
    return RULES[rule.kind](rule, level, past)
