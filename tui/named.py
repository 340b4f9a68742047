"""What the profile gives names to, for the palette: views, tools, signals, the rules of the house, and records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from services.places import place
from services.text import safe
from tui import recording
from tui.entry import Entry
from tui.recording import opening
from tui.recording.asked import line

if TYPE_CHECKING:
    from services.profile import NamedView, Signal, Tool
    from tui.app import Watchdeck

VALUE = "{value}"


def named(app: Watchdeck) -> Iterator[Entry]:
    """Everything that the profile names, by its id and its title."""
    profile = app.deck.profile
    for id_, view in profile.views.items():
        # by its own id: a view of the console may have the same
        yield Entry(
            view.title, f"{id_}, of this profile: in {view.view}", partial(show, app, view), (id_, view.title.lower())
        )
    for id_, tool in profile.tools.items():
        yield Entry(tool.title, f"tool {id_}: asks, and looks into {tool.view}", partial(_use, app, tool), (id_,))
    for group, signals in profile.signals.items():
        for id_, signal in signals.items():
            words = id_.replace("-", " ")
            yield Entry(f"Signal: {words}", f"{group}, {signal.view}", partial(_signal, app, signal), (id_, words))
    for id_, rule in profile.house.items():
        yield Entry(f"House rule: {rule.text}", id_, partial(app.house, rule.text, rule.runbook), (id_,))
    yield Entry("Open an incident by hand", "severity and title are asked for", partial(_by_hand, app))
    for id_, record in profile.records.items():
        begin = partial(recording.begin, app, id_)
        yield Entry(f"Record: {record.title}", f"begin or go on with: {id_}", begin, (id_,))


def show(app: Watchdeck, view: NamedView) -> None:
    """The view that it stands for, with its source shown and its filter set."""
    _go(app, view.view, view.source)
    name = place(view.view)[0]
    of_source = f'source:"{view.source}"' if view.source and name == "logs" else ""  # else in one stream with others
    if view.filter or of_source:
        filtered(app, name, view.filter or of_source)


def _go(app: Watchdeck, where: str, source: str = "") -> None:
    app.view(*place(where), of=(source,) if source else ())


def _signal(app: Watchdeck, signal: Signal) -> None:
    _go(app, signal.view, signal.source)


def filtered(app: Watchdeck, view: str, filter: str) -> None:
    """The table of the view that is in front now, or will be, under a filter; logs and jobs have ways of their own."""
    if view == "logs":
        app.logs(filter)
    elif view == "jobs":
        app.jobs(filter)
    else:
        app.view(view)
        app.call_after_refresh(lambda: _set(app, view, filter))


def _set(app: Watchdeck, view: str, filter: str) -> None:
    screen = app.front
    if screen is None or screen.view != view:
        return
    if not screen.is_mounted:
        app.call_after_refresh(lambda: _set(app, view, filter))
        return
    screen.show(app.deck)
    screen.seek()  # the table that it leads to is the one that is filtered
    if screen.rows:
        screen.rows.set_filter(filter)


def _by_hand(app: Watchdeck) -> None:
    app.book.begin(opening.by_hand(app), "opening an incident")


def _use(app: Watchdeck, tool: Tool) -> None:
    app.background(_asked(app, tool), "tool", tool.title, exclusive=True)


async def _asked(app: Watchdeck, tool: Tool) -> None:
    value = await line(app, tool.ask, "", lambda text: wrong(tool, text))
    if value:
        app.view(*place(tool.view))
        filtered(app, place(tool.view)[0], filter_of(tool, value))


def wrong(tool: Tool, text: str) -> str:
    """What is wrong with a value that was typed; it goes into a filter in quotes, and must not get out of them."""
    value = text.strip()
    if safe(value) != value or '"' in value:
        return "that has a quote or a control character in it"
    return "" if re.fullmatch(tool.pattern, value) else f"something matching {tool.pattern}"


def filter_of(tool: Tool, value: str) -> str:
    return tool.filter.replace(f'"{VALUE}"', VALUE).replace(VALUE, f'"{value}"')
