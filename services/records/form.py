"""A sheet that is filled in over time: a launch logbook, the handover of a shift. The sum of its events.

Beside `opened`, `closed`: `set` (field, text) writes a field anew; `logged` (field, text) adds a line to one, with the
time at which that was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from services.records.body import line, lines
from services.records.completion import Completion
from services.records.event import CLOSED, OPENED, SET, Event
from services.records.incident import Said
from services.text import safe

if TYPE_CHECKING:
    from services.profile import FormRecord

KIND = "form"
LOGGED = "logged"


@dataclass(frozen=True)
class Form:
    """Every text in it is safe to show."""

    id: str
    of: str = ""
    title: str = ""
    opened_at: float = 0.0
    opened_by: str = ""
    texts: Mapping[str, Said] = field(default_factory=dict)  # as they were written last
    logs: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    closed: Said | None = None

    @property
    def over(self) -> bool:
        return self.closed is not None

    def missing(self, record: FormRecord) -> tuple[str, ...]:
        """The titles of required fields in which nothing stands."""
        written = {name for name, said in self.texts.items() if said.text.strip()} | {*self.logs}
        return tuple(one.title for name, one in record.fields.items() if one.required and name not in written)


def form(events: Sequence[Event]) -> Form:
    """The sum of a record's events, oldest first. What is not understood adds nothing."""
    found = Form(events[0].record if events else "")
    for event in events:
        if not found.over:
            found = _after(found, event)
    return found


def completion(events: Sequence[Event]) -> Completion | None:
    found = form(events)
    return Completion(found.id, found.of, found.closed.at, found.closed.by) if found.closed else None


def _after(it: Form, event: Event) -> Form:
    by, name = safe(event.by, 80), line(event, "field")
    if event.what == OPENED and not it.opened_at:
        return replace(it, of=line(event, "of"), title=line(event, "title"), opened_at=event.at, opened_by=by)
    if event.what == SET and name:
        return replace(it, texts={**it.texts, name: Said(event.at, by, lines(event))})
    if event.what == LOGGED and name and line(event):
        logged = (*it.logs.get(name, ()), Said(event.at, by, line(event)))
        return replace(it, logs={**it.logs, name: logged})
    if event.what == CLOSED:
        return replace(it, closed=Said(event.at, by, lines(event)))
    return it
