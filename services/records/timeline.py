"""The timeline of an incident, which writes itself: joined when it is read from everything that was recorded anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.readings import AuditEntry, number
from services.records.body import line, lines
from services.records.deploys import Deploy
from services.records.event import CLOSED, NOTED, OPENED, SET, Event
from services.records.incident import TEXTS, Incident
from services.records.incident_events import ACKNOWLEDGED, ATTACHED, GRADED, LINKED, PREVENTION, TURNED, UPDATED
from services.records.moment import KINDS, Moment
from services.text import safe
from services.units import Unit, told
from services.watching.transitions import Transition

MOST = 5000  # moments; the first ones are kept, and the last one says how many more there were
BEFORE_S = 3600.0  # a deploy that came shortly before may be why


def thawed(kept: Iterable[Mapping[str, Any]]) -> Iterator[Moment]:
    """The moments of a timeline as it was frozen; what is none is left out."""
    for one in kept:
        kind = next((known for known in KINDS if known == one.get("kind")), None)
        at = one.get("at")
        if kind and isinstance(at, int | float):
            what, by, ref = (safe(one.get(key), 400) for key in ("what", "by", "ref"))
            yield Moment(float(at), kind, what, by, ref)


def joined(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """In their order, each once."""
    found = sorted(dict.fromkeys(moments), key=lambda moment: moment.at)
    if len(found) > MOST:
        more = Moment(found[MOST - 1].at, "incident", f"{len(found) - MOST + 1} more are not shown here")
        found = [*found[: MOST - 1], more]
    return tuple(found)


def of_events(events: Sequence[Event]) -> Iterator[Moment]:
    """What was said in the incident itself."""
    for event in events:
        if words := _told(event):
            yield Moment(event.at, "incident", words, safe(event.by, 80))


def of_turns(
    turns: Iterable[Transition], incident: Incident, rules: Mapping[str, tuple[str, Unit]]
) -> Iterator[Moment]:
    """Everything about its own alerts; of others that they began to fire meanwhile. `rules`: title and unit of each."""
    titles = {alert.key: alert.title for alert in incident.alerts}
    for turn in turns:
        own = turn.key in titles
        if own or (turn.state == "firing" and not turn.said):
            level = " (warning)" if turn.level == "warn" and turn.state == "firing" else ""
            title, unit = _rule(turn.key, rules)
            value = number(turn.value)
            measured = "" if value is None else f" at {told(value, unit)}"
            said = f": {safe(turn.said, 200)}" if turn.said else ""
            what = f"{titles.get(turn.key, title)}: {turn.state}{level}{measured}{said}"
            yield Moment(
                turn.at, "alert", safe(what if own else f"another alert: {what}", 400), "", safe(turn.key, 200)
            )


def _rule(key: str, rules: Mapping[str, tuple[str, Unit]]) -> tuple[str, Unit]:
    """What an alert is called, with the labels of its instance; and what its value is counted in."""
    name, brace, labels = key.partition("{")
    title, unit = rules.get(name, (name, ""))
    return f"{title} {brace}{labels}".rstrip(), unit


def of_actions(entries: Iterable[AuditEntry]) -> Iterator[Moment]:
    for entry in entries:
        rows = "" if entry.rows is None else f", {entry.rows} {'row' if entry.rows == 1 else 'rows'}"
        why = f": {entry.reason}" if entry.reason else ""
        about = f" ({entry.about})" if entry.about else ""
        what = safe(f"{entry.action}{about}: {entry.outcome}{rows}{why}", 400)
        yield Moment(entry.at, "action", what, entry.actor, entry.id)


def of_run(events: Sequence[Event]) -> Iterator[Moment]:
    """Ticks and words of a procedure that was carried out."""
    title = line(events[0], "title") or line(events[0], "of") if events else ""
    for event in events:
        step = line(event, "title") if event.what != OPENED else ""
        step = step or line(event, "step")
        about = " ".join(filter(None, (event.what if event.what != OPENED else "begun", step)))
        more = ": ".join(filter(None, (line(event, "action"), line(event, "word"), line(event, "note"))))
        yield Moment(
            event.at,
            "step",
            safe(f"{title}: {about}{f' ({more})' if more else ''}", 400),
            safe(event.by, 80),
            event.record,
        )


def of_deploys(deploys: Iterable[Deploy]) -> Iterator[Moment]:
    for one in deploys:
        if one.before:
            yield Moment(one.at, "deploy", safe(f"{one.source} {one.path}: {one.before} → {one.after}", 400))


def _told(event: Event) -> str:
    text = " / ".join(filter(None, lines(event).split("\n")))
    said = f": {text}" if text else ""
    name = line(event, "field")
    words = {
        OPENED: f"opened: {line(event, 'title')} {line(event, 'severity')}".rstrip(),
        SET: f"{TEXTS.get(name, name).lower()}{said or ' taken out'}",
        GRADED: f"severity {line(event, 'severity')}{said}",
        TURNED: f"{line(event, 'state')}{said}",
        ATTACHED: f"alert attached: {line(event, 'title') or line(event, 'alert')}",
        LINKED: " ".join(filter(None, ("carried out for it:", line(event, "title"), line(event, "run")))),
        ACKNOWLEDGED: f"in hand{said}",
        UPDATED: f"update sent{_to(event)}{said}",
        NOTED: f"note{said}",
        PREVENTION: _prevention(event),
        CLOSED: f"closed{said}",
    }
    return safe(words.get(event.what, ""), 400)


def _to(event: Event) -> str:
    to = line(event, "to")
    return f" to {to}" if to else ""


def _prevention(event: Event) -> str:
    which = event.body.get("number")
    done = ", done" if event.body.get("done") is True else ""
    of = ", ".join(filter(None, (line(event), line(event, "owner"), line(event, "due"))))
    about = f"prevention {which:.0f}" if isinstance(which, int | float) else "prevention"
    return f"{about}{': ' if of else ''}{of}{done}"
