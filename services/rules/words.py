"""A rule's condition in words: "> 20 for 10 m", "p95 over 10 m > 0.8", "a rise over 15 m"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.units import told

if TYPE_CHECKING:
    from services.profile import rules
    from services.profile.rules import AnyRule, Level


def condition(rule: AnyRule, level: Level) -> str:
    wait = f" for {duration(level.for_)}" if level.for_ else ""
    return f"{_WORDS[rule.kind](rule, level)}{wait}"


def duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _threshold(rule: rules.ThresholdRule, level: Level) -> str:
    over = f"{rule.over} over {duration(rule.window_of(level))} " if rule.over != "last" else ""
    return f"{over}{level.op} {told(level.value, rule.counted_in)}"


def _ratio(rule: rules.RatioRule, level: Level) -> str:
    return f"{level.op} {told(level.value, rule.counted_in)} over {duration(rule.window_of(level))}"


def _quantile(rule: rules.QuantileRule, level: Level) -> str:
    return f"p{100 * rule.q:g} over {duration(rule.window_of(level))} {level.op} {told(level.value, rule.counted_in)}"


def _gauge(rule: rules.GaugeRule, level: Level) -> str:
    return f"{'' if rule.of == 'sum' else f'{rule.of} '}{level.op} {told(level.value, rule.counted_in)}"


def _growth(rule: rules.GrowthRule, level: Level) -> str:
    return f"a rise over {duration(rule.window)}"


def _baseline(rule: rules.BaselineRule, level: Level) -> str:
    of = {"up": f"> {level.value:g}x", "down": f"< 1/{level.value:g} of", "both": f"{level.value:g}x off"}
    return f"{of[rule.direction]} what is usual"


def _age(rule: rules.AgeRule, level: Level) -> str:
    return f"age {level.op} {duration(level.value)}"


def _burn(rule: rules.BurnRule, level: rules.BurnLevel) -> str:
    return " or ".join(map(_pair, level.pairs))


def _pair(pair: rules.Pair) -> str:
    return f"{pair.factor:g}x ({duration(pair.long)}, {duration(pair.short)})"


def _change(rule: rules.ChangeRule, level: Level) -> str:
    if rule.more_than is None:
        return f"a change within {duration(rule.window)}"
    by = f"{100 * rule.more_than:g} %" if rule.unit == "share" else f"{rule.more_than:g}"
    return f"a {'rise' if rule.unit == 'count' else 'change'} by > {by} in {duration(rule.window)}"


_WORDS: Mapping[str, Callable[[Any, Any], str]] = MappingProxyType(
    {
        "threshold": _threshold,
        "ratio": _ratio,
        "quantile": _quantile,
        "gauge": _gauge,
        "growth": _growth,
        "baseline": _baseline,
        "absent": lambda rule, level: "its absence",
        "age": _age,
        "burn": _burn,
        "change": _change,
    }
)
