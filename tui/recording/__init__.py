"""What people record from the console: incidents, drills, forms, windows. One file per kind; each asks and appends."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from services.profile import DrillRecord, FormRecord, WindowRecord
from services.records import drill as drills
from services.records import form as forms
from services.records import window as windows
from services.records.event import Event
from tui.recording import drill, form, window
from widgets.columns import Row

if TYPE_CHECKING:
    from services.profile.records import Record
    from tui.app import Watchdeck


def begin(app: Watchdeck, name: str) -> None:
    """One of this record of the profile's: the one that is open, or a new one; of incidents, their view."""
    record = app.deck.profile.records[name]
    found = next((one for one in app.book.listed(app.deck.wall) if one.of == name and not one.over), None)
    if record.kind == "incident":
        app.view("incidents")
    elif found:
        app.record(found.id)
    else:
        app.book.begin(_begun(app, name, record), f"beginning {record.title}")


async def _begun(app: Watchdeck, name: str, record: Record) -> None:
    made: str | None = None
    if isinstance(record, DrillRecord):
        made = await drill.begin(app, name, record)
    elif isinstance(record, FormRecord):
        made = await form.begin(app, name, record)
    elif isinstance(record, WindowRecord):
        made = await window.begin(app, name, record)
    if made:
        app.record(made)
    else:
        app.say(f"{record.title}: nothing was begun")


def rows(app: Watchdeck, events: Sequence[Event], record: Record | None) -> Iterator[Row]:
    """A record's fields as they stand now; none where its table is gone from the profile."""
    now, mono = app.clock.wall(), app.clock.mono()
    if isinstance(record, DrillRecord):
        yield from drill.rows(drills.drill(events), record, now, mono)
    elif isinstance(record, FormRecord):
        yield from form.rows(forms.form(events), record)
    elif isinstance(record, WindowRecord):
        smoke = app.paperwork.judged(app.deck, record.smoke) if record.smoke else None
        yield from window.rows(windows.window(events), record, smoke, app.deck.wall)


def edit(app: Watchdeck, events: Sequence[Event], record: Record | None, key: str) -> Coroutine[Any, Any, None] | None:
    """What asks for this row; None where there is nothing to ask."""
    if isinstance(record, DrillRecord):
        return drill.edit(app, events, record, key)
    if isinstance(record, FormRecord):
        return form.edit(app, events, record, key)
    return window.edit(app, events, record, key) if isinstance(record, WindowRecord) else None
