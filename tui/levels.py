"""Where the rules fire, for the plots that show what they judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.deck import Deck

if TYPE_CHECKING:
    from services.profile import Rule

Limits = tuple[tuple[float, str], ...]


def limits(deck: Deck, source: str, judges: Callable[[Rule], bool], told: Callable[[float], str]) -> Limits:
    """Value and words of every level of the rules over this source that `judges` picks."""
    found = {
        level.value: f"{level.op} {told(level.value)}"
        for rule in deck.profile.rules.values()
        if rule.source == source and judges(rule)
        for _, level in rule.levels
    }
    return tuple(found.items())


def of_figure(path: str) -> Callable[[Rule], bool]:
    """The thresholds on a figure by its path."""
    return lambda rule: rule.kind == "threshold" and rule.figure == path
