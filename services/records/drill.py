"""A disaster that is played: announced, timed by stopwatch, and looked back on. The sum of its events.

Beside `opened` (whose body has `scope` and `planned`: unix seconds), `set` (of `retrospective`), `noted`, `closed`:

    announced  to                               cancelled  text
    started    timing, session, mono            stopped    timing, session, mono
    ended      text                             linked     run: the id of a record
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from services.records.body import line, lines, number
from services.records.completion import Completion
from services.records.event import CLOSED, NOTED, OPENED, SET, Event
from services.records.incident import Said
from services.text import safe

if TYPE_CHECKING:
    from services.profile import DrillRecord

KIND = "drill"
ANNOUNCED, STARTED, STOPPED, ENDED, CANCELLED = "announced", "started", "stopped", "ended", "cancelled"
LINKED = "linked"
State = Literal["planned", "running", "ended", "closed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Timing:
    """One of the stopwatches. `seconds` is by the monotonic clock where one console started and stopped it: the
    wall clock may be set meanwhile."""

    id: str
    started_at: float
    stopped_at: float | None = None
    seconds: float | None = None
    session: str = ""
    mono: float | None = None

    @property
    def runs(self) -> bool:
        return self.stopped_at is None


@dataclass(frozen=True)
class Drill:
    """Every text in it is safe to show. Times are unix seconds."""

    id: str
    of: str = ""
    title: str = ""
    scope: str = ""
    opened_at: float = 0.0
    opened_by: str = ""
    planned_at: float | None = None
    announced: Said | None = None
    timings: Mapping[str, Timing] = field(default_factory=dict)
    ended_at: float | None = None
    retrospective: str = ""
    notes: tuple[Said, ...] = ()
    runs: tuple[str, ...] = ()
    closed: Said | None = None
    cancelled: Said | None = None

    @property
    def state(self) -> State:
        if self.cancelled or self.closed:
            return "cancelled" if self.cancelled else "closed"
        if self.ended_at is not None:
            return "ended"
        return "running" if self.timings else "planned"

    @property
    def over(self) -> bool:
        return self.state in ("closed", "cancelled")

    def announce_due(self, record: DrillRecord) -> float | None:
        """By when it is to be announced; None once it was, or where nobody wants that."""
        waits = self.state == "planned" and self.announced is None
        if record.announce is None or self.planned_at is None or not waits:
            return None
        return self.planned_at - record.announce

    def retrospective_due(self, record: DrillRecord) -> float | None:
        if record.retrospective is None or self.ended_at is None or self.over:
            return None
        return self.ended_at + record.retrospective

    def missing(self, record: DrillRecord) -> tuple[str, ...]:
        """What it lacks before it can be closed."""
        timed = {id_ for id_, timing in self.timings.items() if timing.seconds is not None}
        found = [f"{id_}: it was not timed" for id_ in record.timings if id_ not in timed]
        if not self.retrospective.strip():
            found.append("retrospective: what was learnt is not written")
        return tuple(found)


def drill(events: Sequence[Event]) -> Drill:
    """The sum of a record's events, oldest first. What is not understood adds nothing."""
    found = Drill(events[0].record if events else "")
    for event in events:
        step = _STEPS.get(event.what)
        if step and not found.over:
            found = step(found, event)
    return found


def next_scope(record: DrillRecord, drills: Iterable[Drill]) -> str:
    """Whose turn it is: after the scope of the newest drill that was not cancelled. `drills`: the newest first."""
    scopes = tuple(record.scopes)
    last = next((one.scope for one in drills if one.state != "cancelled" and one.scope in scopes), "")
    return scopes[(scopes.index(last) + 1) % len(scopes)] if last else scopes[0] if scopes else ""


def completion(events: Sequence[Event]) -> Completion | None:
    found = drill(events)
    return Completion(found.id, found.of, found.closed.at, found.closed.by) if found.closed else None


def _said(event: Event) -> Said:
    return Said(event.at, safe(event.by, 80), lines(event))


def _opened(it: Drill, event: Event) -> Drill:
    if it.opened_at:
        return it
    return replace(
        it,
        of=line(event, "of"),
        title=line(event, "title"),
        scope=line(event, "scope"),
        opened_at=event.at,
        opened_by=safe(event.by, 80),
        planned_at=number(event, "planned"),
    )


def _announced(it: Drill, event: Event) -> Drill:
    return it if it.announced else replace(it, announced=Said(event.at, safe(event.by, 80), line(event, "to")))


def _started(it: Drill, event: Event) -> Drill:
    """Once started, a stopwatch is not started again: a second key on another console would lose the first."""
    id_ = line(event, "timing")
    if not id_ or id_ in it.timings or it.ended_at is not None:
        return it
    timing = Timing(id_, event.at, session=line(event, "session"), mono=number(event, "mono"))
    return replace(it, timings={**it.timings, id_: timing})


def _stopped(it: Drill, event: Event) -> Drill:
    timing = it.timings.get(line(event, "timing"))
    if timing is None or not timing.runs:
        return it
    mono, seconds = number(event, "mono"), max(0.0, event.at - timing.started_at)
    if timing.mono is not None and mono is not None and timing.session == line(event, "session") != "":
        seconds = max(0.0, mono - timing.mono)
    stopped = replace(timing, stopped_at=event.at, seconds=seconds)
    return replace(it, timings={**it.timings, timing.id: stopped})


def _ended(it: Drill, event: Event) -> Drill:
    return it if it.ended_at is not None else replace(it, ended_at=event.at)


def _set(it: Drill, event: Event) -> Drill:
    return replace(it, retrospective=lines(event)) if event.body.get("field") == "retrospective" else it


def _linked(it: Drill, event: Event) -> Drill:
    run = line(event, "run")
    return replace(it, runs=(*it.runs, run)) if run and run not in it.runs else it


_STEPS: Mapping[str, Callable[[Drill, Event], Drill]] = MappingProxyType(
    {
        OPENED: _opened,
        ANNOUNCED: _announced,
        STARTED: _started,
        STOPPED: _stopped,
        ENDED: _ended,
        SET: _set,
        LINKED: _linked,
        NOTED: lambda it, event: replace(it, notes=(*it.notes, _said(event))),
        CLOSED: lambda it, event: replace(it, closed=_said(event)),
        CANCELLED: lambda it, event: replace(it, cancelled=_said(event)),
    }
)
