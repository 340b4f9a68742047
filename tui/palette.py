"""The palette: views, the profile's actions, the demo's scenarios, and whatever a key does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.deck import Deck
from tui.entry import Entry
from tui.keys import KEYS, VIEWS, Key
from tui.named import named
from tui.request import NotHere, request
from tui.screens import PAGES, SCREENS
from tui.screens.view import ViewScreen
from tui.selection import Selection
from widgets.lines import plain

if TYPE_CHECKING:
    from tui.app import Watchdeck


EXACT = 1000.0  # above whatever the fuzzy matcher gives


def entries(app: Watchdeck, screen: ViewScreen) -> Iterator[Entry]:
    """Everything the palette offers on this screen."""
    if app.remedies.stoppable:
        yield Entry(
            "Stop the action under way", "what is done stays done, the rest is left as it is", app.remedies.stop
        )
    yield from views(app)
    yield from actions(app, screen)
    yield from procedures(app, screen)
    yield from named(app)
    yield from scenarios(app)
    for key in KEYS:
        if key.group in ("Rows", "Console") and key.id != "palette":
            yield Entry(key.help.capitalize(), key.shown, _runner(app, screen, key))


def views(app: Watchdeck) -> Iterator[Entry]:
    titles = {name: title for name, _, title in VIEWS}
    for name in SCREENS:
        title = titles.get(name, name.capitalize())
        yield Entry(title, f"view {name}", partial(app.view, name))
        for page, words in PAGES.get(name, {}).items():
            yield Entry(f"{title}: {page}", ", ".join(words), partial(app.view, name, page), (page, *words))


def actions(app: Watchdeck, screen: ViewScreen) -> Iterator[Entry]:
    """Made from the profile's action table: title, key and what it does; first the remedy, then what fits best.

    Before all of them what somebody has begun and not ended.
    """
    yield from _begun(app, screen)
    table = app.deck.profile.actions
    selection = screen.selection()

    def order(name: str) -> tuple[bool, bool, int]:
        return name != screen.remedy, table[name].effect not in screen.effects, misfit(app.deck, name, selection)

    for name in sorted(table, key=order):
        action = table[name]
        key = f"{action.key}  " if action.key else ""
        yield Entry(
            action.title,
            f"{key}{action.help}",
            partial(_start, app, screen, name),
        )


def _begun(app: Watchdeck, screen: ViewScreen) -> Iterator[Entry]:
    """What was begun and has not been carried out to its end: it can be gone on with."""
    from services.actions.journal import Journal
    from services.actions.manifest import Manifests

    profile = app.deck.profile
    manifests = Manifests(Journal.of(profile).path.with_name("manifests"))
    for name in manifests.unfinished():
        if (action := manifests.action_of(name)) in profile.actions:
            title = f"Resume: {profile.actions[action].title}, manifest {name}"
            go_on = partial(app.remedies.start, action, screen.selection(), "palette", {"resume": name})
            yield Entry(title, "goes on with what was confirmed; a preview comes first", go_on, (f"resume {name}",))


def misfit(deck: Deck, action: str, selection: Selection) -> int:
    """0: it would be about what is selected. 1: it knows by itself what it is about. 2: it would have to be told."""
    try:
        wanted = request(deck, action, selection, "palette")
    except NotHere:
        return 2
    return 0 if wanted.args else 1


def _start(app: Watchdeck, screen: ViewScreen, action: str) -> None:
    app.remedies.start(action, screen.selection(), "palette")


def procedures(app: Watchdeck, screen: ViewScreen) -> Iterator[Entry]:
    """To begin or go on with; and what is said about the whole of the one that is gone through."""
    from tui import walk
    from tui.screens.checklist import Checklist

    if isinstance(screen, Checklist):
        for what, (title, help) in walk.OF_THE_WHOLE.items():
            yield Entry(title, help, partial(walk.say, screen, what))
    profile, here = app.deck.profile, screen.runbook(app.deck)
    # those first that are about the section which is open, or about what is selected
    for id_, procedure in sorted(profile.procedures.items(), key=lambda one: not here or one[1].runbook != here):
        kind = "checklist" if id_ in profile.checklists else "playbook"
        run = app.paperwork.under_way(id_)
        verb = "Go on with" if run else "Start"
        yield Entry(f"{verb} {kind}: {procedure.title}", id_, partial(walk.enter, app, id_), (f"start {kind} {id_}",))


def scenarios(app: Watchdeck) -> Iterator[Entry]:
    demo = app.deck.profile.demo
    for name, title in (demo.scenarios if demo else {}).items():
        yield Entry(f"Scenario: {title}", name, partial(app.scenario, name))
        yield Entry(f"Repaired by somebody else: {title}", f"repair {name}", partial(app.scenario, name, repair=True))


def _runner(app: Watchdeck, screen: ViewScreen, key: Key) -> Callable[[], object]:
    return lambda: app.background(screen.run_action(key.action), "palette", key.help)


class Palette(CommandPalette):
    """Textual's own, which takes away whatever is on top when it is left twice by keys that came together."""

    def dismiss(self, result: object = None) -> AwaitComplete:
        return super().dismiss(None) if self.is_active else AwaitComplete()


class Everything(Provider):
    """Searched as the person types; Content and not str, because a title is never markup."""

    def _entries(self) -> Iterator[Entry]:
        if isinstance(self.screen, ViewScreen):
            yield from entries(cast("Watchdeck", self.app), self.screen)

    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(Content(plain(entry.title)), entry.run, text=entry.title, help=plain(entry.help))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries():
            # a name typed in full is meant, whatever else it is a part of
            exact = query.lower() in (entry.title.lower(), entry.help.lower().removeprefix("view "), *entry.words)
            score = EXACT if exact else matcher.match(f"{entry.title} {entry.help}")
            if score > 0:
                yield Hit(score, Content(plain(entry.title)), entry.run, text=entry.title, help=plain(entry.help))


class ActionsOnly(Everything):
    """What `X` offers."""

    def _entries(self) -> Iterator[Entry]:
        if isinstance(self.screen, ViewScreen):
            yield from actions(cast("Watchdeck", self.app), self.screen)
