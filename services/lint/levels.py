"""Thresholds that are never reached, and ends that come at once or never."""

from __future__ import annotations

from collections.abc import Iterator

from services.errors import ConfigError
from services.profile import AnyRule, Profile, QueueSource, mapping_of
from services.profile.rules import AgeRule, BaselineRule, Level, RatioRule, ThresholdRule

_CAPPED = ("waiting", "scheduled", "running", "retry_wait", "failed")


def levels(rule: AnyRule, profile: Profile) -> Iterator[str]:
    if not rule.compares:
        return
    for _, level in rule.levels:
        yield from _reached(rule, level, profile)
        if level.clear is not None and _worse(level, level.clear, level.value):
            yield f"clear: {level.clear:g} is on the bad side of {level.op} {level.value:g}; it ends between the two"
    if rule.warn and rule.page:
        if rule.warn.op != rule.page.op:
            yield f"page: it compares by {rule.page.op}, and warn by {rule.warn.op}"
        elif _worse(rule.warn, rule.warn.value, rule.page.value):
            yield f"page: at {rule.page.value:g} it comes before warn at {rule.warn.value:g}, which is then never told"
    if isinstance(rule, BaselineRule) and rule.floor is None:
        yield "floor: without one, the first event after a quiet night is infinitely more than usual"


def _reached(rule: AnyRule, level: Level, profile: Profile) -> Iterator[str]:
    figure = rule.figures.get("figure", "")
    share = isinstance(rule, RatioRule | ThresholdRule) and rule.counted_in == "share"
    if share and (level.value >= 1 if _upwards(level) else level.value <= 0):
        yield f"value: {rule.about} is a share between 0 and 1, so this never fires"
    if isinstance(rule, ThresholdRule) and (cap := _cap(rule, profile)) and _upwards(level) and level.value >= cap:
        yield f"value: counts of {rule.source} stop at {cap:,}, so that {level.op} {level.value:g} cannot be told"
    if isinstance(rule, AgeRule):
        last = figure.rpartition(".")[2].partition("{")[0]
        if rule.unit == "s" and last.endswith("_at"):
            yield f'unit: {last} is a point in time: "unix", not "s"'
        if rule.unit == "unix" and last.endswith(("_s", "_seconds")) and "timestamp" not in last:
            yield f'unit: {last} is in seconds: "s", not "unix"'


def _cap(rule: ThresholdRule, profile: Profile) -> int:
    """Where the counting stops; 0 when it does not."""
    source = profile.sources[rule.source]
    before, _, last = rule.figure.rpartition(".")
    if not isinstance(source, QueueSource) or not before.startswith("types.") or last not in _CAPPED:
        return 0
    try:
        return mapping_of(source, rule.source).cost.cap
    except ConfigError:
        return 0  # told of its source


def _upwards(level: Level) -> bool:
    return level.op in (">", ">=")


def _worse(level: Level, value: float, than: float) -> bool:
    return value > than if _upwards(level) else value < than
