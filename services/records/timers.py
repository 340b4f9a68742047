"""How soon people must be told: the timers of an incident, derived from its events and its severities' times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from services.records.incident import Incident
from services.records.timer import Name, Timer

if TYPE_CHECKING:
    from services.profile import Severity

Allowed: TypeAlias = Mapping[str, "float | None"]  # seconds, by severity


@dataclass(frozen=True, slots=True)
class _Step:
    """What sets a timer back; or gives it another time to run, with `severity`; or ends it, for now at least."""

    at: float
    severity: str = ""
    runs: bool = True


def timers(incident: Incident, severities: Mapping[str, Severity]) -> tuple[Timer, ...]:
    """Whether somebody has it in hand, whether those who wait are told, whether the write-up is done."""
    taken = incident.acknowledged.at if incident.acknowledged else incident.ended_at
    found = [
        _timer(incident, "acknowledge", severities, incident.opened_at, _end(taken)),
        _timer(incident, "update", severities, incident.opened_at, _updates(incident)),
    ]
    if incident.ended_at is not None:
        found.append(_timer(incident, "close", severities, incident.ended_at, _end(incident.since("closed"))))
    return tuple(found)


def next_update(incident: Incident, severities: Mapping[str, Severity], now: float) -> float | None:
    """When the update after one that is sent now is due; None where none is demanded."""
    severity = severities.get(incident.severity)
    return None if severity is None or severity.update is None else now + severity.update


def overdue(incident: Incident, severities: Mapping[str, Severity], now: float) -> tuple[Timer, ...]:
    return tuple(timer for timer in timers(incident, severities) if timer.standing(now) == "overdue")


def _end(at: float | None) -> Iterator[_Step]:
    if at is not None:
        yield _Step(at, runs=False)


def _updates(incident: Incident) -> Iterator[_Step]:
    """Nobody waits for news while it is resolved; it may turn out not to be."""
    yield from (_Step(sent.at) for sent in incident.updates)
    over = False
    for turn in incident.turns:
        before, over = over, turn.state in ("resolved", "closed")
        if over != before:
            yield _Step(turn.at, runs=not over)


def _timer(
    incident: Incident, name: Name, severities: Mapping[str, Severity], start: float, steps: Iterable[_Step]
) -> Timer:
    allowed = {word: getattr(severity, name) for word, severity in severities.items()}
    graded = [_Step(grade.at, grade.severity) for grade in incident.grades]
    first = next((step.severity for step in reversed(graded) if step.at <= start), incident.severity)
    later = sorted((*(step for step in graded if step.at > start), *steps), key=lambda step: step.at)
    due, late = _course(allowed, _after(start, allowed.get(first)), first, later)
    return Timer(name, due, late, any(allowed.get(step.severity) is not None for step in graded))


def _course(
    allowed: Allowed, due: float | None, word: str, steps: Iterable[_Step]
) -> tuple[float | None, tuple[tuple[float, float], ...]]:
    """Another severity gives its own time from when it was given: what was raised after an hour was not late before.
    It does not undo that a time has passed already."""
    late: list[tuple[float, float]] = []
    runs = True
    for step in steps:
        word = step.severity or word
        if due is not None and step.at > due:
            if step.severity:
                continue
            late.append((due, step.at))
        runs = runs if step.severity else step.runs
        due = _after(step.at, allowed.get(word)) if runs else None
    return due, tuple(late)


def _after(at: float, allowed: float | None) -> float | None:
    return None if allowed is None else at + allowed
