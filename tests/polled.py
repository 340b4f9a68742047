"""A source that is polled by hand, what is known of its past, and what a rule makes of it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from services.profile import AnyRule
from services.profile.rules import Rule
from services.readings import Fault, Figure, NamedFigure, NamedValues, Reading, Values
from services.rules.kinds import RULES
from services.rules.look import Look
from services.rules.past import Past

START = 1_767_618_000.0  # a Monday, 13:00 UTC
EVERY = 10.0


def rule(kind: str, **keys: Any) -> AnyRule:
    data = {"title": "x", "source": "s", "kind": kind, **keys}
    found: AnyRule = TypeAdapter(Rule).validate_python(data, strict=False)
    return found


class Polled:
    def __init__(self, rule: AnyRule, every: float = EVERY) -> None:
        self.rule, self.every = rule, every
        self.past = Past({"r": rule})
        self.past.at(1_000.0, START)

    def read(self, *each: Values | None) -> Polled:
        for values in each:
            mono = self.past.mono + self.every
            fault = None if values else Fault("timeout", "no answer")
            self.past.take(Reading("s", START - 1_000.0 + mono, mono, 0.1, self.every, values, fault))
        return self

    def looks(self, level: str = "page") -> tuple[Look, ...]:
        return RULES[self.rule.kind](self.rule, dict(self.rule.levels)[level], self.past)  # type: ignore[index]

    def look(self, level: str = "page") -> Look:
        (found,) = self.looks(level)
        return found

    @property
    def holds(self) -> bool | None:
        return self.look().holds


def named(*figures: Figure, name: str = "depth") -> NamedValues:
    """Several figures of one name are told apart by the label `at`."""
    labels = [(("at", str(n)),) for n in range(len(figures))] if len(figures) > 1 else [()] * len(figures)
    return NamedValues("x", tuple(NamedFigure(name, value, "", at) for value, at in zip(figures, labels, strict=True)))
