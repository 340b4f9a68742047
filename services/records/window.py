"""Planned work: it opens a silence, and is over when somebody has seen that everything works. The sum of its events.

Beside `opened` (whose body has `until`: unix seconds, and `silence`: its id), `noted`, `closed` (whose body has
`smoke`: what its conditions said, line by line, and `passed`):

    extended   until, silence                   linked     run: the id of a record
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from services.records.body import line, lines, number
from services.records.completion import Completion
from services.records.event import CLOSED, NOTED, OPENED, Event
from services.records.incident import Said
from services.text import safe

KIND = "window"
EXTENDED, LINKED = "extended", "linked"


@dataclass(frozen=True)
class Window:
    """Every text in it is safe to show. Times are unix seconds."""

    id: str
    of: str = ""
    title: str = ""
    opened_at: float = 0.0
    opened_by: str = ""
    until: float = 0.0
    silences: tuple[str, ...] = ()  # ids: each until it ends
    notes: tuple[Said, ...] = ()
    runs: tuple[str, ...] = ()
    smoke: tuple[str, ...] = ()  # what was seen when it was closed
    passed: bool = False  # whether its smoke test did
    closed: Said | None = None  # with the reason, where the smoke test did not pass

    @property
    def over(self) -> bool:
        return self.closed is not None

    def forgotten_s(self, now: float) -> float:
        """How long ago it should have been closed, in seconds; 0.0 while there is time, or once it is."""
        return 0.0 if self.over or not self.opened_at else max(0.0, now - self.until)


def window(events: Sequence[Event]) -> Window:
    """The sum of a record's events, oldest first. What is not understood adds nothing."""
    found = Window(events[0].record if events else "")
    for event in events:
        step = _STEPS.get(event.what)
        if step and not found.over:
            found = step(found, event)
    return found


def completion(events: Sequence[Event]) -> Completion | None:
    found = window(events)
    if found.closed is None:
        return None
    return Completion(found.id, found.of, found.closed.at, found.closed.by, found.passed, found.closed.text)


def _said(event: Event) -> Said:
    return Said(event.at, safe(event.by, 80), lines(event))


def _opened(it: Window, event: Event) -> Window:
    if it.opened_at:
        return it
    until = number(event, "until")
    return replace(
        it,
        of=line(event, "of"),
        title=line(event, "title"),
        opened_at=event.at,
        opened_by=safe(event.by, 80),
        until=event.at if until is None else until,
        silences=tuple(filter(None, (line(event, "silence"),))),
    )


def _extended(it: Window, event: Event) -> Window:
    until, silence = number(event, "until"), line(event, "silence")
    if until is None:
        return it
    return replace(it, until=max(until, it.until), silences=(*it.silences, silence) if silence else it.silences)


def _linked(it: Window, event: Event) -> Window:
    run = line(event, "run")
    return replace(it, runs=(*it.runs, run)) if run and run not in it.runs else it


def _closed(it: Window, event: Event) -> Window:
    smoke = event.body.get("smoke")
    seen = tuple(safe(one, 400) for one in smoke) if isinstance(smoke, list) else ()
    return replace(it, closed=_said(event), smoke=seen, passed=event.body.get("passed") is True)


_STEPS: Mapping[str, Callable[[Window, Event], Window]] = MappingProxyType(
    {
        OPENED: _opened,
        EXTENDED: _extended,
        LINKED: _linked,
        NOTED: lambda it, event: replace(it, notes=(*it.notes, _said(event))),
        CLOSED: _closed,
    }
)
