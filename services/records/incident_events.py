"""An incident's events, and what they add up to. Whatever stands in the file, it folds.

Beside `opened` (whose body has `severity`, and `versions` endpoint by endpoint), `set`, `noted` and `closed` (whose
body has the `timeline` as it was then):

    graded     severity, text                       turned        state, text
    attached   alert, title, since                  linked        run: the id of a record, title
    acknowledged  text                              updated       text, template, to
    prevention    text, owner, due; or number and what has changed of these, or done
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from services.records.body import day, line, lines, number
from services.records.completion import Completion
from services.records.event import CLOSED, NOTED, OPENED, SET, Event
from services.records.incident import STATES, TEXTS, Attached, Graded, Incident, Prevention, Said, Sent, Turned
from services.text import safe

KIND = "incident"


def incident(events: Sequence[Event]) -> Incident:
    """The sum of a record's events, oldest first. What is not understood adds nothing."""
    found = Incident(events[0].record if events else "")
    for event in events:
        step = _STEPS.get(event.what)
        if step and (found.state != "closed" or event.what in _AFTER):
            found = step(found, event)
    return found


def incidents(records: Mapping[str, Sequence[Event]]) -> tuple[Incident, ...]:
    """Those under way first, then the others; of each the newest first."""
    found = [incident(events) for events in records.values()]
    return tuple(sorted(found, key=lambda one: (STATES.index(one.state) // 2, -one.opened_at)))


def _opened(it: Incident, event: Event) -> Incident:
    if it.opened_at:
        return it
    versions = event.body.get("versions")
    graded = Graded(event.at, _by(event), "", line(event, "severity"))
    return replace(
        it,
        of=line(event, "of"),
        title=line(event, "title"),
        opened_at=event.at,
        opened_by=graded.by,
        grades=(graded,) if graded.severity else (),
        versions={safe(where, 80): safe(what, 80) for where, what in versions.items()}
        if isinstance(versions, Mapping)
        else {},
    )


def _set(it: Incident, event: Event) -> Incident:
    name = line(event, "field")
    if name == "title":
        return replace(it, title=line(event) or it.title)
    return replace(it, texts={**it.texts, name: lines(event)}) if name in TEXTS else it


def _graded(it: Incident, event: Event) -> Incident:
    word = line(event, "severity")
    if not word or word == it.severity:
        return it
    return replace(it, grades=(*it.grades, Graded(event.at, _by(event), line(event), word)))


def _turned(it: Incident, event: Event) -> Incident:
    state = next((known for known in STATES[:-1] if known == event.body.get("state")), it.state)
    if state == it.state:
        return it
    return replace(it, turns=(*it.turns, Turned(event.at, _by(event), line(event), state)))


def _closed(it: Incident, event: Event) -> Incident:
    kept = event.body.get("timeline")
    frozen = [one for one in kept if isinstance(one, Mapping)] if isinstance(kept, list) else []
    turn = Turned(event.at, _by(event), line(event), "closed")
    return replace(it, turns=(*it.turns, turn), timeline=tuple(frozen))


def _attached(it: Incident, event: Event) -> Incident:
    key = line(event, "alert")
    if not key or any(key == one.key for one in it.alerts):
        return it
    since = number(event, "since")
    alert = Attached(key, line(event, "title") or key, event.at if since is None else min(since, event.at))
    return replace(it, alerts=(*it.alerts, alert))


def _linked(it: Incident, event: Event) -> Incident:
    run = line(event, "run")
    return replace(it, runs=(*it.runs, run)) if run and run not in it.runs else it


def _acknowledged(it: Incident, event: Event) -> Incident:
    """The first word counts: that is when somebody had it in hand."""
    return it if it.acknowledged else replace(it, acknowledged=Said(event.at, _by(event), line(event)))


def _updated(it: Incident, event: Event) -> Incident:
    sent = Sent(event.at, _by(event), lines(event), line(event, "template"), line(event, "to"))
    return replace(it, updates=(*it.updates, sent))


def _noted(it: Incident, event: Event) -> Incident:
    return replace(it, notes=(*it.notes, Said(event.at, _by(event), lines(event))))


def _prevention(it: Incident, event: Event) -> Incident:
    """A new one; or with `number` what has changed about one. Once it is closed, only that it was done."""
    which = number(event, "number")
    if which is None:
        due, text = day(line(event, "due")), line(event)
        new = Prevention(len(it.prevention) + 1, text, line(event, "owner"), due)
        return replace(it, prevention=(*it.prevention, new)) if text and it.state != "closed" else it
    return replace(
        it, prevention=tuple(_changed(it, one, event) if one.number == which else one for one in it.prevention)
    )


def _changed(it: Incident, one: Prevention, event: Event) -> Prevention:
    if it.state != "closed":
        text = line(event) if "text" in event.body else one.text
        owner = line(event, "owner") if "owner" in event.body else one.owner
        due = day(line(event, "due")) if "due" in event.body else one.due
        one = replace(one, text=text or one.text, owner=owner, due=due)
    return replace(one, done_at=event.at) if event.body.get("done") is True and one.done_at is None else one


def _by(event: Event) -> str:
    return safe(event.by, 80)


GRADED, TURNED, ATTACHED, LINKED = "graded", "turned", "attached", "linked"
ACKNOWLEDGED, UPDATED, PREVENTION = "acknowledged", "updated", "prevention"
_STEPS: Mapping[str, Callable[[Incident, Event], Incident]] = MappingProxyType(
    {
        OPENED: _opened,
        SET: _set,
        GRADED: _graded,
        TURNED: _turned,
        CLOSED: _closed,
        ATTACHED: _attached,
        LINKED: _linked,
        ACKNOWLEDGED: _acknowledged,
        UPDATED: _updated,
        NOTED: _noted,
        PREVENTION: _prevention,
    }
)
_AFTER = frozenset((NOTED, PREVENTION))  # an addition, and that a prevention action is done: also once it is closed


def completion(events: Sequence[Event]) -> Completion | None:
    """How it ended; None while it has not."""
    found = incident(events)
    end = found.turns[-1] if found.state == "closed" else None
    return Completion(found.id, found.of, end.at, end.by) if end else None
