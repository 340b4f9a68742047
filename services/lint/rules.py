"""What is wrong with a rule beyond its form: a name that leads nowhere, a key without effect, a circle of causes."""

from __future__ import annotations

from collections.abc import Iterator

from services import figures
from services.lint.levels import levels
from services.lint.metrics import metrics
from services.lint.windows import windows
from services.profile import AnyRule, Profile
from services.profile.rules import BaselineRule, ChangeRule, ThresholdRule
from services.profile.rules.of_figures import OfFigure
from services.profile.sources import JsonSource, PromqlSource
from services.rules.silent import PREFIX


def rules(profile: Profile) -> Iterator[str]:
    """One line per problem, each naming the table and the key."""
    for name, rule in profile.rules.items():
        for check in (_figures, _severities, _useless, _causes, levels, metrics, windows):
            yield from (f"[rules.{name}] {problem}" for problem in check(rule, profile))
    yield from _circles(profile)


def _figures(rule: AnyRule, profile: Profile) -> Iterator[str]:
    source = profile.sources[rule.source]
    for key, path in rule.figures.items():
        words = isinstance(rule, ChangeRule) and figures.exists_text(source.kind, path)
        if not words and not figures.exists(source.kind, path):
            there = ", ".join(figures.known(source.kind)) or "none"
            yield f"{key}: {source.kind} sources report no figure {path!r}; by a fixed name there are {there}"
        elif (named := _named(source)) and (name := path.removeprefix("figures.").partition("{")[0]) not in named:
            yield f"{key}: [sources.{rule.source}] has no figure {name!r}; it has {', '.join(named)}"
    if isinstance(rule, ThresholdRule) and "*" in rule.events and "*" not in rule.figure:
        yield "events: `*` stands for what it stands for in `figure`, which has none"


def _named(source: object) -> tuple[str, ...]:
    """The figures that the source's own table names, where there are no others."""
    if isinstance(source, JsonSource):
        return (*source.figures, *(name for each in source.items for name in (each, f"{each}_count")))
    return tuple(source.queries) if isinstance(source, PromqlSource) and not source.alerts else ()


def _severities(rule: AnyRule, profile: Profile) -> Iterator[str]:
    for severity in dict.fromkeys((rule.severity, *(level.severity for _, level in rule.levels))):
        if severity and severity not in profile.severities:
            yield f"severity: {severity!r} is not one of {', '.join(profile.severities)}"


def _useless(rule: AnyRule, profile: Profile) -> Iterator[str]:
    """Keys that are given and change nothing: whoever wrote them expects something of them."""
    given = rule.model_fields_set
    if isinstance(rule, ThresholdRule):
        if rule.min_events and not rule.events:
            yield "min_events: `events` does not say of what"
        if rule.over == "last" and ("window" in given or any(level.window for _, level in rule.levels)):
            yield "window: `over` does not say what of it: mean, min, max, p50, p95 or p99"
    elif isinstance(rule, OfFigure | BaselineRule) and rule.min_events:
        yield f"min_events: a rule of kind {rule.kind} counts no events"
    if not rule.compares:
        for key in sorted({"op", "clear"} & given):
            yield f"{key}: a rule of kind {rule.kind} compares with no number"
    if isinstance(rule, BaselineRule):
        for table in (rule, rule.warn, rule.page):
            if table and "op" in table.model_fields_set:
                yield "op: `direction` says which way"


def _causes(rule: AnyRule, profile: Profile) -> Iterator[str]:
    for cause in rule.inhibited_by:
        if cause not in profile.rules and cause.removeprefix(PREFIX) not in profile.sources:
            yield f"inhibited_by: no rule is named {cause!r}, and it is not {PREFIX}SOURCE of any source"


def _circles(profile: Profile) -> Iterator[str]:
    """Rules that keep each other quiet: of what goes on together, nobody would be told anything."""
    told: set[str] = set()
    for name in profile.rules:
        way = _way_back(name, profile)
        if way and not told.intersection(way):
            told.update(way)
            yield f"[rules.{name}] inhibited_by: it goes round in a circle: {' <- '.join(way)}"


def _way_back(start: str, profile: Profile) -> tuple[str, ...]:
    """From a rule through its causes to itself; empty when none leads back."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for cause in profile.rules[way[-1]].inhibited_by:
            if cause == start:
                return (*way, start)
            if cause in profile.rules and cause not in seen:
                seen.add(cause)
                ways.append((*way, cause))
    return ()
