"""A maintenance window from the console: it lays a silence, and is closed by a smoke test, or with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.actions.identity import whoami
from services.errors import WatchdeckError
from services.model import parse_duration, spell_duration
from services.procedures.verdict import Judged
from services.profile import WindowRecord
from services.records import window
from services.records.event import CLOSED, NOTED, Event
from services.records.window import EXTENDED, Window
from tui import walk
from tui.recording.asked import line, lines, some
from widgets.columns import Row
from widgets.fields import field, notes_field
from widgets.figures import duration, moment
from widgets.lines import Segment

if TYPE_CHECKING:
    from tui.app import Watchdeck

LEAST_S = 60.0
_STATES: dict[str, Segment] = {
    "holds": ("● all of it holds", "good"),
    "fails": ("✖ something does not hold", "bad"),
    "unknown": ("? it cannot be told", "unknown"),
    "manual": ("? nothing of it is judged: only a person can tell", "unknown"),
}


async def begin(app: Watchdeck, name: str, record: WindowRecord) -> str | None:
    """From now on nobody is told of the alerts that it expects, until it ends."""
    title = await line(app, f"{record.title}: what is being done?", "", some)
    longest = spell_duration(record.longest)
    span = await line(app, f"for how long? {longest} at most", longest, _within(record.longest)) if title else None
    if not title or not span:
        return None
    with _silenced(app, record, span, title) as (until, silence):
        return await app.book.open(window.KIND, name, title, until=until, silence=silence)


@contextmanager
def _silenced(app: Watchdeck, record: WindowRecord, span: str, title: str) -> Iterator[tuple[float, str]]:
    until = app.clock.wall() + float(str(parse_duration(span)))
    silence = app.lookout.silence(record.match, until, str(whoami()), f"{record.title}: {title}").id
    try:
        yield until, silence
    except WatchdeckError:
        app.lookout.unsilence(silence)  # of which nobody would know why it is there
        raise


def rows(it: Window, record: WindowRecord, smoke: Judged | None, now: float) -> Iterator[Row]:
    over_s = it.forgotten_s(now)
    ends: Segment = (f"{duration(over_s)} AGO, and it is not closed", "bad") if over_s else (moment(it.until), "")
    left = "" if it.over or over_s else f"{duration(max(0.0, it.until - now))} left, Enter: longer"
    yield field("until", "Ends", ends, left)
    match = " ".join(f"{name}={said}" for name, said in record.match.items())
    yield field("silence", "Silenced", match, f"silence {it.silences[-1]}" if it.silences else "")
    if it.over:
        yield from (field(f"smoke:{at}", "Smoke test", said) for at, said in enumerate(it.smoke))
    else:
        yield from _smoke(smoke)
    yield notes_field(it.notes)
    yield from (field(f"run:{run}", "Procedure", run) for run in it.runs)
    if record.checklist and not it.over:
        yield field("follow", "Procedure", record.checklist, "Enter goes through it")
    yield field("close", "Close", _closed(it))


def _smoke(smoke: Judged | None) -> Iterator[Row]:
    if smoke is None:
        yield field("smoke", "Smoke test", ("the profile has none: closing takes a reason", "dim"))
        return
    yield field("smoke", "Smoke test", _STATES[smoke.state], smoke.title)
    yield from (field(f"smoke:{at}", "", (said, "bad")) for at, said in enumerate(smoke.against))


def _closed(it: Window) -> Segment:
    if it.closed is None:
        return "close it: the silence ends", "accent"
    return ("closed, its smoke test passed", "good") if it.passed else (f"closed without it: {it.closed.text}", "warn")


async def edit(app: Watchdeck, events: Sequence[Event], record: WindowRecord, key: str) -> None:
    it = window.window(events)
    if it.over:
        app.say("it is closed: nothing is changed any more", "warn")
    elif key == "until":
        await _longer(app, it, record)
    elif key == "follow":
        walk.enter(app, record.checklist)
    elif key == "note":
        if text := await lines(app, f"a note to {it.title}"):
            await app.book.append(it.id, NOTED, text=text)
    elif key == "close":
        await _close(app, it, record)


async def _longer(app: Watchdeck, it: Window, record: WindowRecord) -> None:
    """From now on, in a silence of its own: the one before ends when it was to end."""
    span = await line(app, "how much longer, from now on?", "30m", _within(record.longest))
    if span:
        with _silenced(app, record, span, it.title) as (until, silence):
            await app.book.append(it.id, EXTENDED, until=until, silence=silence)


async def _close(app: Watchdeck, it: Window, record: WindowRecord) -> None:
    """On a smoke test of which every condition holds, as they are judged now; or a reason is typed."""
    if record.smoke:
        await app.paperwork.read()
    smoke = app.paperwork.judged(app.lookout.latest, record.smoke) if record.smoke else None
    passed = smoke is not None and smoke.state == "holds"
    why = ""
    if not passed:
        said = "; ".join(smoke.against) if smoke else "there is no smoke test"
        said = said or "nothing of the smoke test is judged"
        asked = await line(app, f"{said}: close it all the same? why", "", some)
        if not asked:
            app.say("it stays open, and silent until it ends", "warn")
            return
        why = asked
    await app.book.look()  # it may have been made longer from another console, meanwhile
    for silence in window.window(app.book.events[it.id]).silences:
        app.lookout.unsilence(silence)
    await app.book.append(it.id, CLOSED, passed=passed, smoke=_seen(smoke), text=why)
    app.say(f"{it.id} is closed, and alerts are told again", "good" if passed else "warn")


def _seen(smoke: Judged | None) -> list[str]:
    steps = smoke.steps if smoke else ()
    return [f"{one.title}: {one.state}, {one.said}" for step in steps for one in step.conditions]


def _within(longest: float) -> Callable[[str], str]:
    def wrong(text: str) -> str:
        try:
            span = float(str(parse_duration(text.strip())))
        except ValueError as error:
            return str(error)
        return "" if LEAST_S <= span <= longest else f"a minute at least, {spell_duration(longest)} at most"

    return wrong
