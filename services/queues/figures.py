"""A queue's figures, from the counts of a poll and the windows: per type and over all types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from services.queues.mapping import LIVE
from services.queues.mapping import Mapping as QueueMapping
from services.queues.ordered import Ordered
from services.queues.questions import due, keeps_history
from services.queues.window import Groups, JobsWindow, Tally, TriesWindow
from services.readings import (
    NO_DATA_YET,
    NOT_RECORDED,
    AtLeast,
    Estimate,
    FailureGroup,
    Figure,
    TypeFigures,
    Unknown,
    number,
)
from services.text import safe

Counts = Mapping[str, Mapping[str, Figure]]  # state -> type -> how many
MOST_GROUPS = 200
ALL = "all"


@dataclass(frozen=True)
class Material:
    """Everything that is known at the end of a poll. `now` is the database's."""

    mapping: QueueMapping
    now: float
    window_s: float
    filled_s: float
    counts: Counts
    totals: Mapping[str, Figure]  # of states whose total is not the sum over the types
    oldest_at: Mapping[str, float | None]
    jobs: JobsWindow
    tries: TriesWindow
    unreadable: Unknown | None = None

    @property
    def cut(self) -> bool:
        return self.jobs.kept.cut(self.now)


def of_type(material: Material, type_: str) -> TypeFigures:
    tally = material.jobs.types.get(type_, Tally())
    depth = {state: _count(material, state, type_) for state in (*LIVE, "failed", "succeeded")}
    extra = tuple((name, _count(material, name, type_)) for name in material.mapping.extra)
    retry = _retry_rate(material, material.tries.retried[type_], material.tries.ended[type_])
    return _figures(material, type_, depth, extra, _oldest(material, type_, depth["waiting"]), tally, retry)


def of_all(material: Material, types: Sequence[TypeFigures]) -> TypeFigures:
    def total(state: str, counts: Iterable[Figure]) -> Figure:
        return material.totals.get(state) or added(counts)

    depth = {state: total(state, [getattr(t, state) for t in types]) for state in (*LIVE, "failed", "succeeded")}
    extra = tuple((name, added(dict(t.extra)[name] for t in types)) for name in material.mapping.extra)
    waits = [t.oldest_wait_s for t in types]
    known = [wait for wait in waits if number(wait) is not None]
    oldest = max(known, key=lambda wait: number(wait) or 0.0) if known else next(iter(waits), NO_DATA_YET)
    tries = material.tries
    retry = _retry_rate(material, tries.retried.total(), tries.ended.total())
    return _figures(material, ALL, depth, extra, oldest, material.jobs.all, retry)


def added(figures: Iterable[Figure]) -> Figure:
    """A sum that is as sure as its least sure part."""
    parts = list(figures)
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is not None:
        return unknown
    total = sum(number(part) or 0.0 for part in parts)
    if any(isinstance(part, AtLeast) for part in parts):
        return AtLeast(int(total))
    return Estimate(total) if any(isinstance(part, Estimate) for part in parts) else int(total)


def failures(groups: Groups, now: float, window_s: float) -> tuple[FailureGroup, ...]:
    """Most frequent first; the last of `per_minute` is the minute under way."""
    this = int(now // 60)
    span = range(this - max(1, round(window_s / 60)) + 1, this + 1)
    found = []
    for (code, type_), minutes in groups.minutes.items():
        at, message = groups.last.get((code, type_), (60.0 * max(minutes), ""))
        per_minute = tuple(minutes.get(minute, 0) for minute in span)
        found.append(FailureGroup(safe(code), safe(type_), sum(minutes.values()), at, safe(message), per_minute))
    found.sort(key=lambda group: (-group.count, group.error_code, group.type))
    return tuple(found[:MOST_GROUPS])


def per_minute(minutes: Mapping[int, int], now: float, window_s: float) -> tuple[int, ...]:
    """The window's complete minutes, oldest first."""
    return tuple(minutes.get(minute, 0) for minute in range(int(-(-(now - window_s) // 60)), int(now // 60)))


def _figures(
    material: Material,
    type_: str,
    depth: Mapping[str, Figure],
    extra: tuple[tuple[str, Figure], ...],
    oldest: Figure,
    tally: Tally,
    retry_rate: Figure,
) -> TypeFigures:
    timed = keeps_history(material.mapping) and material.mapping.columns.started_at is not None
    waited = timed and due(material.mapping) is not None
    return TypeFigures(
        type=safe(type_),
        **depth,
        oldest_wait_s=oldest,
        wait_p50_s=_at(material, tally.waits, 0.5, waited),
        wait_p95_s=_at(material, tally.waits, 0.95, waited),
        duration_p50_s=_at(material, tally.durations, 0.5, timed),
        duration_p95_s=_at(material, tally.durations, 0.95, timed),
        failure_rate=_failure_rate(material, tally),
        retry_rate=retry_rate,
        per_minute=_rate(material, tally.ended),
        extra=extra,
    )


def _at(material: Material, values: Ordered, share: float, recorded: bool) -> Figure:
    if material.unreadable:
        return material.unreadable
    return values.at(share, material.cut) if recorded else NOT_RECORDED


def _count(material: Material, state: str, type_: str) -> Figure:
    if material.unreadable:
        return material.unreadable
    if state not in material.counts:
        recorded = state in material.mapping.states
        return Unknown("not configured", f"[cost] names no way to count {state!r} jobs") if recorded else NOT_RECORDED
    return material.counts[state].get(type_, 0)


def _oldest(material: Material, type_: str, waiting: Figure) -> Figure:
    """0 when nothing waits: a wait that is over is no wait."""
    if isinstance(waiting, Unknown):
        return waiting
    if due(material.mapping) is None:
        return NOT_RECORDED
    at = material.oldest_at.get(type_)
    if at is None or not isfinite(at):  # "-infinity" is some queues' word for: at once
        return 0.0 if not number(waiting) else NOT_RECORDED
    return max(0.0, material.now - at)


def _failure_rate(material: Material, tally: Tally) -> Figure:
    if material.unreadable:
        return material.unreadable
    if not keeps_history(material.mapping) or "failed" not in material.mapping.states:
        return NOT_RECORDED
    return _share(tally.failed, tally.ended, material.cut)


def _retry_rate(material: Material, retried: int, ended: int) -> Figure:
    if material.unreadable:
        return material.unreadable
    if material.mapping.attempts is None:
        return NOT_RECORDED
    return _share(retried, ended, material.tries.kept.cut(material.now))


def _share(part: int, whole: int, estimated: bool) -> Figure:
    if not whole:
        return NO_DATA_YET
    return Estimate(part / whole) if estimated else part / whole


def _rate(material: Material, ended: int) -> Figure:
    if material.unreadable:
        return material.unreadable
    if not keeps_history(material.mapping):
        return NOT_RECORDED
    rate = ended / (max(material.filled_s, 1.0) / 60)
    return Estimate(rate) if material.cut else rate
