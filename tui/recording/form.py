"""A form from the console: each field written, or logged into line by line, and closed when it is complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.profile import FormRecord
from services.profile.records import FormField
from services.records import form
from services.records.event import SET, Event
from services.records.form import LOGGED, Form
from tui.recording.asked import line, lines, some
from tui.recording.closing import close
from widgets.columns import Row
from widgets.fields import close_field, field, one_line
from widgets.figures import moment
from widgets.lines import Segment

if TYPE_CHECKING:
    from tui.app import Watchdeck


async def begin(app: Watchdeck, name: str, record: FormRecord) -> str | None:
    title = await line(app, f"{record.title}: of what? (its title)", "", some)
    return await app.book.open(form.KIND, name, title) if title else None


def rows(it: Form, record: FormRecord) -> Iterator[Row]:
    for name, one in record.fields.items():
        yield field(name, one.title, _said(it, name, one), _more(it, name, one))
        for at, said in enumerate(it.logs.get(name, ())):
            yield field(f"{name}:{at}", "", f"{moment(said.at)}  {said.text}", said.by)
    yield close_field("close:", "it is closed" if it.over else "", it.missing(record))


async def edit(app: Watchdeck, events: Sequence[Event], record: FormRecord, key: str) -> None:
    it = form.form(events)
    one = record.fields.get(key.partition(":")[0])
    if it.over:
        app.say("it is closed: nothing is changed any more", "warn")
    elif key == "close:":
        await close(app, it.id, it.missing(record))
    elif one:
        await _write(app, it, key.partition(":")[0], one)


async def _write(app: Watchdeck, it: Form, name: str, one: FormField) -> None:
    said = f"{one.title}{f': {one.help}' if one.help else ''}"
    before = it.texts[name].text if name in it.texts else ""
    if one.kind == "log":
        text = await line(app, f"{said} (a line, with the time)", "", some)
        if text:
            await app.book.append(it.id, LOGGED, field=name, text=text)
        return
    text = await lines(app, said, before) if one.kind == "lines" else await line(app, said, before, proposed=False)
    if text is not None and text != before:
        await app.book.append(it.id, SET, field=name, text=text)


def _said(it: Form, name: str, one: FormField) -> str | Segment:
    if one.kind == "log":
        return "+ a line", "accent"
    text = one_line(it.texts[name].text) if name in it.texts else ""
    return text or (("✖ missing", "warn") if one.required and not it.over else ("not written", "dim"))


def _more(it: Form, name: str, one: FormField) -> str:
    if one.kind == "log":
        return f"{len(it.logs.get(name, ()))} so far"
    return it.texts[name].by if name in it.texts else ""
