"""A drill from the console: announced, timed by stopwatch, ended, looked back on, closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from services.model import spell_duration
from services.profile import DrillRecord
from services.records import drill
from services.records.drill import ANNOUNCED, CANCELLED, ENDED, STARTED, STOPPED, Drill, Timing
from services.records.event import NOTED, SET, Event
from tui import walk
from tui.recording.asked import line, lines, one_of, some
from tui.recording.closing import close
from widgets.columns import Row
from widgets.fields import close_field, field, notes_field, one_line
from widgets.figures import duration, moment
from widgets.lines import Segment

if TYPE_CHECKING:
    from tui.app import Watchdeck

_FORM = "%Y-%m-%d %H:%M"


async def begin(app: Watchdeck, name: str, record: DrillRecord) -> str | None:
    """Its scope is the next in turn, unless somebody wants another one."""
    done = [drill.drill(events) for events in app.book.of(drill.KIND).values()]
    turn = drill.next_scope(record, [one for one in done if one.of == name])
    scopes = tuple(record.scopes)
    scope = await line(app, f"{record.title}: which scope? it is the turn of {turn}", turn, one_of(scopes), scopes)
    planned = await line(app, "when? in UTC, like 2026-01-31 14:00", _proposed(app, record), _moment) if scope else None
    if not scope or not planned:
        return None
    at = _at(planned)
    return await app.book.open(drill.KIND, name, f"{record.title}: {record.scopes[scope]}", scope=scope, planned=at)


def rows(it: Drill, record: DrillRecord, now: float, mono: float) -> Iterator[Row]:
    follows = record.procedures.get(it.scope, "")
    yield field("scope", "Scope", record.scopes.get(it.scope, it.scope), f"Enter: {follows}" if follows else "")
    yield field("planned", "Planned for", moment(it.planned_at))
    yield field("announced", "Announced", *_announced(it, record, now))
    for id_ in dict.fromkeys((*record.timings, *it.timings)):
        yield field(f"timing:{id_}", id_.capitalize(), _timing(it.timings.get(id_), now, mono), _does(it, id_))
    yield field("ended", "Ended", moment(it.ended_at) if it.ended_at else ("Enter: it is over", "accent"))
    written: str | Segment = one_line(it.retrospective) or ("not written", "warn" if it.ended_at else "dim")
    yield field("retrospective", "Retrospective", written, _due(it.retrospective_due(record), now))
    yield notes_field(it.notes)
    yield from (field(f"run:{run}", "Procedure", run) for run in it.runs)
    yield close_field("close", it.state if it.over else "", it.missing(record))
    if not it.over and it.ended_at is None:
        yield field("cancel", "Cancel", ("it does not take place", "accent"))


async def edit(app: Watchdeck, events: Sequence[Event], record: DrillRecord, key: str) -> None:
    it, book = drill.drill(events), app.book
    if it.over:
        app.say(f"it is {it.state}: nothing is changed any more", "warn")
    elif key.startswith("timing:"):
        await _stopwatch(app, it, key.removeprefix("timing:"))
    elif key == "announced":
        to = await line(app, "announced to whom, where?", "", some)
        if to:
            await book.append(it.id, ANNOUNCED, to=to)
    elif key == "scope" and it.scope in record.procedures:
        walk.enter(app, record.procedures[it.scope])
    elif key == "ended" and it.ended_at is None:
        said = await line(app, "it is over, and no stopwatch starts any more: how did it end? (may be empty)")
        if said is not None:
            await book.append(it.id, ENDED, text=said)
    elif key == "retrospective":
        text = await lines(app, "what was learnt, what is missing, what will be done", it.retrospective)
        if text is not None:
            await book.append(it.id, SET, field="retrospective", text=text)
    elif key == "note":
        if text := await lines(app, f"a note to {it.title}"):
            await book.append(it.id, NOTED, text=text)
    elif key == "cancel":
        if why := await line(app, "it does not take place; why?", "", some):
            await book.append(it.id, CANCELLED, text=why)
    elif key == "close":
        await close(app, it.id, it.missing(record))


async def _stopwatch(app: Watchdeck, it: Drill, id_: str) -> None:
    """Enter starts it, Enter stops it; by this console's monotonic clock where it started it itself."""
    timing = it.timings.get(id_)
    given = {"timing": id_, "session": app.book.session, "mono": app.clock.mono()}
    if timing is None and it.ended_at is None:
        await app.book.append(it.id, STARTED, **given)
        app.say(f"{id_} runs: Enter stops it", "good")
    elif timing and timing.runs:
        await app.book.append(it.id, STOPPED, **given)
        app.say(f"{id_} is stopped", "good")
    else:
        app.say(f"{id_} was {'timed already' if timing else 'not timed'}, and stays so", "warn")


def _timing(timing: Timing | None, now: float, mono: float) -> Segment:
    if timing is None:
        return "not started", "dim"
    if timing.seconds is not None:
        return spell_duration(timing.seconds), "bold"
    return f"▶ {spell_duration(max(0.0, now - timing.started_at))}", "accent"


def _does(it: Drill, id_: str) -> str:
    timing = it.timings.get(id_)
    if timing is None:
        return "Enter starts it" if it.ended_at is None else ""
    return "Enter stops it" if timing.runs else ""


def _announced(it: Drill, record: DrillRecord, now: float) -> tuple[str | Segment, str]:
    if it.announced:
        return f"{moment(it.announced.at)}, to {it.announced.text}", it.announced.by
    return (("not yet", "warn") if record.announce else ("not demanded", "dim")), _due(it.announce_due(record), now)


def _due(at: float | None, now: float) -> str:
    if at is None:
        return ""
    return f"{duration(now - at)} LATE" if now > at else f"due in {duration(at - now)}"


def _proposed(app: Watchdeck, record: DrillRecord) -> str:
    """The first full hour at which it can have been announced in time."""
    first = datetime.fromtimestamp(app.clock.wall() + (record.announce or 0.0), UTC) + timedelta(hours=1)
    return first.strftime("%Y-%m-%d %H:00")


def _moment(text: str) -> str:
    try:
        _at(text)
    except ValueError:
        return "like 2026-01-31 14:00"
    return ""


def _at(text: str) -> float:
    return datetime.strptime(text.strip(), _FORM).replace(tzinfo=UTC).timestamp()
