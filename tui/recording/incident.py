"""What people say about an incident: each field asked for and appended, messages sent, and the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.records.demands import missing
from services.records.event import CLOSED, NOTED, SET
from services.records.incident import STATES, TEXTS, Incident, Prevention
from services.records.incident_events import ACKNOWLEDGED, GRADED, PREVENTION, TURNED, UPDATED
from services.records.kinds import incident_record
from services.records.story import Story, story
from tui.recording.asked import a_day, dated, line, lines, one_of, some
from tui.recording.closing import refused

if TYPE_CHECKING:
    from tui.app import Watchdeck

HEARD = 500  # transitions of which the last may not be in the file yet
_AFTER = ("note", "acknowledged")
_ABOUT = ("owner", "due", "text", "done")


async def edit(app: Watchdeck, it: Incident, key: str) -> None:
    """Ask for what stands in this row."""
    if it.state == "closed" and key not in _AFTER and not key.startswith("prevention-"):
        app.say("it is closed: a note can be added, and that a prevention action is done", "warn")
    elif key in TEXTS:
        await _text(app, it, key)
    elif key.startswith("prevention-"):
        await _changed(app, it, int(key.removeprefix("prevention-")))
    elif key in _EDITS:
        await _EDITS[key](app, it)


async def note(app: Watchdeck, it: Incident) -> None:
    text = await lines(app, f"a note to {it.id}, {it.title}")
    if text:
        await app.book.append(it.id, NOTED, text=text)
        app.say(f"noted in {it.id}", "good")


async def acknowledge(app: Watchdeck, it: Incident) -> None:
    """Its alerts that fire are acknowledged with it."""
    if it.acknowledged:
        app.say(f"{it.acknowledged.by} has it in hand already")
        return
    text = await line(app, f"you have {it.title} in hand; what next? (may be empty)")
    if text is None:
        app.say("nobody has it in hand")
        return
    from services.actions.identity import whoami

    await app.book.append(it.id, ACKNOWLEDGED, text=text)
    for alert in it.alerts:
        app.lookout.acknowledge(alert.key, str(whoami()), text or it.id)
    app.say(f"{it.id} is yours", "good")


async def _title(app: Watchdeck, it: Incident) -> None:
    text = await line(app, "its title", it.title, some, proposed=False)
    if text is not None:
        await app.book.append(it.id, SET, field="title", text=text)


async def _text(app: Watchdeck, it: Incident, key: str) -> None:
    before = it.texts.get(key, "")
    text = await lines(app, f"{TEXTS[key]}: {it.title}", before)
    if text is not None and text != before:
        await app.book.append(it.id, SET, field=key, text=text)


async def _severity(app: Watchdeck, it: Incident) -> None:
    words = app.deck.profile.severities
    help_ = incident_record(app.deck.profile, it.of).severities
    meant = "; ".join(f"{word}: {help_[word].help}" for word in words if word in help_)
    word = await line(app, f"how bad is it? {meant or ' '.join(words)}", it.severity, one_of(words), words)
    if word is None or word == it.severity:
        return
    why = await line(app, f"why {word}? (may be empty)")
    if why is not None:
        await app.book.append(it.id, GRADED, severity=word, text=why)


async def _state(app: Watchdeck, it: Incident) -> None:
    known = [state for state in STATES if state != it.state]
    after = known[min(STATES.index(it.state), len(known) - 1)]
    state = await line(app, f"it is {it.state}; now it is {', '.join(known)}?", after, one_of(known), known)
    if state == "closed":
        await close(app, it)
    elif state is not None:
        alerts = app.lookout.latest.alerts
        loud = [one.title for one in it.alerts if (alert := alerts.get(one.key)) and alert.active]
        still = f"STILL FIRING: {', '.join(loud)}" if loud and state == "resolved" else ""
        asked = f"{state}: {still};" if still else f"{state}:"
        said = await line(app, f"{asked} what was done, how is that known? (may be empty)")
        if said is not None:  # who reads the record is to know as well
            await app.book.append(it.id, TURNED, state=state, text="; ".join(filter(None, (said, still))))


async def _prevention(app: Watchdeck, it: Incident) -> None:
    text = await line(app, "what will be done so that it does not come again?", "", some)
    owner = await line(app, "who owns it? (a function or a name; may be empty for now)") if text else None
    due = (
        await line(app, "due when? 2026-01-31 or +14d; may be empty for now", "+14d", a_day)
        if owner is not None
        else None
    )
    if text and owner is not None and due is not None:
        await app.book.append(it.id, PREVENTION, text=text, owner=owner, due=dated(due, app.clock.wall()))


async def _changed(app: Watchdeck, it: Incident, number: int) -> None:
    one = next((one for one in it.prevention if one.number == number), None)
    if one is None:
        return
    known = _ABOUT if it.state != "closed" else ("done",)
    what = await line(
        app, f"prevention {number}: change its {', '.join(known)}?", _next(one, known), one_of(known), known
    )
    if what == "done":
        await app.book.append(it.id, PREVENTION, number=number, done=True)
    elif what == "due":
        due = await line(app, "due when? 2026-01-31 or +14d", one.due, a_day)
        if due is not None:
            await app.book.append(it.id, PREVENTION, number=number, due=dated(due, app.clock.wall()))
    elif what is not None:
        text = await line(app, f"its {what}", one.owner if what == "owner" else one.text, some, proposed=False)
        if text is not None:
            await app.book.append(it.id, PREVENTION, number=number, **{what: text})


def _next(one: Prevention, known: tuple[str, ...]) -> str:
    """What it lacks."""
    return next((name for name in ("owner", "due") if name in known and not getattr(one, name)), "done")


async def send(app: Watchdeck, it: Incident, template: str, text: str) -> None:
    """On the clipboard; that it was sent is only known from whoever sent it."""
    app.copy_to_clipboard(text)
    before = it.updates[-1].to if it.updates else ""
    to = await line(app, "it is on the clipboard; where did it go? Esc: it was not sent", before, some)
    if to is None:
        app.say("it is on the clipboard, and not recorded as sent")
        return
    await app.book.append(it.id, UPDATED, template=template, text=text, to=to)
    app.say(f"recorded: update sent to {to}", "good")


async def close(app: Watchdeck, it: Incident) -> None:
    """Refused while anything is missing that its table demands; the timeline is kept in it from then on."""
    if lacks := missing(it, incident_record(app.deck.profile, it.of)):
        app.say(refused(lacks), "bad")
        return
    word = await line(app, f"close {it.id} for good? a last word (may be empty)")
    if word is None:
        app.say("it stays open")
        return
    told = await tell(app, it.id)
    if told.unread:
        app.say(f"not closed: its timeline cannot be kept: {'; '.join(told.unread)}", "bad")
        return
    if lacks := missing(told.incident, told.record):  # as it is now, after the question
        app.say(refused(lacks), "bad")
        return
    await app.book.append(it.id, CLOSED, text=word, timeline=[moment.plain() for moment in told.moments])
    app.say(f"{it.id} is closed: e exports it", "good")


async def tell(app: Watchdeck, id_: str) -> Story:
    """Everything about it, as of now. WatchdeckError when it cannot be read."""
    heard = app.lookout.transitions("", HEARD)
    return await asyncio.to_thread(story, app.deck.profile, id_, app.clock.wall(), heard)


async def export(app: Watchdeck, id_: str) -> None:
    from services.records.export import as_json, as_markdown
    from tui.export import shown, written

    told = await tell(app, id_)
    text, plain = await asyncio.to_thread(lambda: (as_markdown(told), as_json(told)))
    try:
        path = await asyncio.to_thread(written, id_, text, plain)
    except OSError as error:
        app.say(f"not exported: {error}", "bad")
    else:
        app.say(f"{path.name} and .json, in {shown(path.parent)}", "good")


_EDITS: Mapping[str, Callable[[Watchdeck, Incident], Awaitable[None]]] = MappingProxyType(
    {
        "state": _state,
        "severity": _severity,
        "acknowledged": acknowledge,
        "title": _title,
        "prevention": _prevention,
        "note": note,
        "close": close,
    }
)
