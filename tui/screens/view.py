"""What every view is: banner, panes, status line and footer, and the keys that move among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from services.filter import Filter, FilterError, parse
from services.readings.private import WITHHELD
from tui.deck import OWN, Deck
from tui.keys import KEYS, bindings, spot
from tui.places import section_on, view_of
from tui.selection import Selection
from tui.sought import find
from widgets.banner import Banner, BannerFacts
from widgets.drawn import Drawn, Painted
from widgets.footer import Footer, Hint
from widgets.pane import Content, Pane
from widgets.statusline import StatusLine
from widgets.table import TablePane
from widgets.vitals import Vitals

if TYPE_CHECKING:
    from services.profile import Profile
    from tui.app import Watchdeck

LEAST = (40, 12)
EARLY = frozenset({"leave", "move", "edge", "page", "view"})
LOW = 20  # rows; below it, second panes are left out
TALL = 34  # rows; from here on there is room for plots
HINTS_EVERYWHERE = (("palette", "palette"), ("quit", "quit"), ("help", "help"))


@dataclass(frozen=True)
class Slot:
    """A pane, the kind of source whose age it shows ("" for none), and how its content is made of the deck."""

    pane: Pane
    kind: str
    draw: Callable[[Deck], Content | None]
    also: tuple[str, ...] = ()  # further kinds that it is made of
    judged: bool = False  # whether it says what the rules say, who may look at any source

    def vitals(self, deck: Deck) -> Vitals:
        if not self.kind:
            return Vitals("frozen" if deck.frozen else "fresh", 0.0)
        return deck.vitals(self.kind)

    def concerns(self, profile: Profile) -> bool | None:
        """Whether this profile has anything for it; None where it is made of no source."""
        return (self.kind in OWN or bool(profile.of_kind(self.kind))) if self.kind else None

    def show(self, deck: Deck) -> None:
        try:
            self.pane.origin = deck.which(self.kind)
            self.pane.show(self.draw(deck), self.vitals(deck))
        except Exception as error:  # one pane's, and no other's
            self.pane.break_down(error)
            self.pane.repaint()


class TooSmall(Drawn):
    DEFAULT_CSS = """
    TooSmall { display: none; }
    """

    def draw(self, width: int, height: int) -> list[Painted]:
        return [(((f"too small: {LEAST[0]}x{LEAST[1]} at least", "bold"),), "")]


@lru_cache(maxsize=64)
def _parsed(text: str, fields: frozenset[str]) -> Filter | None:
    try:
        return parse(text, fields)
    except FilterError:
        return None


def matches(fields: dict[str, str] | object, text: str) -> bool:
    """Whether a row of a table is shown; a filter that is not understood hides nothing."""
    named = cast("dict[str, str]", fields)
    found = _parsed(text, frozenset(named))
    return found is None or found.matches(named, " ".join(named.values()))


def table(title: str, id: str) -> TablePane:
    return TablePane(title, matches=matches, id=id)


class ViewScreen(Screen[None]):
    """One view. A subclass names it, makes its slots, and lays their panes out."""

    BINDINGS = [*bindings()]  # noqa: RUF012 (as Textual declares it)
    DEFAULT_CSS = """
    ViewScreen { layout: vertical; overflow: hidden; }
    ViewScreen > #body { height: 1fr; width: 100%; layout: vertical; }
    ViewScreen.-low .second { display: none; }
    ViewScreen .away, ViewScreen .absent { display: none !important; }
    ViewScreen .roomy { display: none; }
    ViewScreen.-tall .roomy { display: block; }
    ViewScreen.-small > * { display: none; }
    ViewScreen.-small > TooSmall { display: block; height: 100%; width: 100%; }
    """
    view: ClassVar[str]
    named: ClassVar[str]
    reads_records: ClassVar[bool] = False  # whether it shows what people write down: then that is read every second
    effects: ClassVar[tuple[str, ...]] = ()  # of the actions that it is about: those are offered first
    hints: ClassVar[tuple[tuple[str, str], ...]] = ()  # what one can do here: (id of a key, or a key, and a word)

    def __init__(self) -> None:
        super().__init__()
        self.slots = tuple(self.make())
        self._laid_out_for: Profile | None = None
        self.sought: frozenset[str] = frozenset()  # sources on whose rows the cursor is to be

    # -- what a subclass says ----------------------------------------------------------------------------------------

    def make(self) -> Iterator[Slot]:
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield from (slot.pane for slot in self.slots)

    def selection(self) -> Selection:
        """What an action would be about."""
        return Selection()

    @property
    def remedy(self) -> str:
        """The action that puts right what is selected; here, what fires and leads to this view; "" if none."""
        deck = self.console.deck
        return next(
            (alert.remedy for alert in deck.alerts.loud if alert.remedy and view_of(deck, alert) == self.view), ""
        )

    def runbook(self, deck: Deck) -> str:
        """The section on what is selected; here, of what fires in the pane with the focus, or else of its source."""
        slot = next((slot for slot in self.slots if slot.pane is self.focused), None)
        return section_on(deck, deck.source(slot.kind) if slot and slot.kind else "")

    # -- showing -----------------------------------------------------------------------------------------------------

    @property
    def console(self) -> Watchdeck:
        return cast("Watchdeck", self.app)

    def compose(self) -> ComposeResult:
        yield Banner(BannerFacts("", "", False), id="banner")
        with Container(id="body"):
            yield from self.body()
        yield StatusLine(id="status")
        yield Footer(tuple(self._hints()), id="footer")
        yield TooSmall()

    def _hints(self) -> Iterator[Hint]:
        """With the keys as they are mapped now, and without those of actions that the profile does not have."""
        known = {key.id: key for key in KEYS}
        actions = self.console.action_keys
        for id, word in (*self.hints, *HINTS_EVERYWHERE):
            key = known.get(id)
            if key is None:
                yield Hint(id, word)
            elif not key.acts or key.key in actions or key.id == "act.all":
                yield Hint(self.console.keymap.get(id, key.shown.split(" ")[0]), word)

    def on_mount(self) -> None:
        self.take_focus()

    @property
    def present(self) -> list[Pane]:
        """The panes of this page that this profile has something for."""
        return [slot.pane for slot in self.slots if not {"away", "absent"} & slot.pane.classes]

    def take_focus(self) -> None:
        """The first table that is shown has the focus, else the first pane."""
        first = next((pane for pane in self.present if isinstance(pane, TablePane)), next(iter(self.present), None))
        if first:
            self.set_focus(first)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.console.shown(self)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < LEAST[0] or height < LEAST[1], "-small")
        self.set_class(height < LOW, "-low")
        self.set_class(height >= TALL, "-tall")

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Draw the panes that are made of these sources; None draws all."""
        if not self.is_mounted:
            return
        if self._laid_out_for is not deck.profile:
            self._laid_out_for = deck.profile
            self.leave_out(deck.profile)
        for slot in self.slots:
            if (
                sources is None
                or slot.judged
                or not slot.kind
                or any(deck.source(kind) in sources for kind in (slot.kind, *slot.also))
            ):
                slot.show(deck)

    def leave_out(self, profile: Profile) -> None:
        """The panes that this profile has nothing for, where there are others: these have the room. `-lacks-ID` tells
        the style sheet."""
        found = {slot.pane: slot.concerns(profile) for slot in self.slots}
        absent = [pane for pane, concerns in found.items() if concerns is False] if True in found.values() else []
        for slot in self.slots:
            slot.pane.set_class(slot.pane in absent, "absent")
            self.set_class(slot.pane in absent, f"-lacks-{slot.pane.id}")
        if self.focused in absent:
            self.take_focus()

    def seek(self) -> None:
        """Once there are rows, for somebody who was led here; then the cursor is free again."""
        if self.sought and self.is_mounted:
            find(self, self.sought)
            self.sought = frozenset()

    def tick(self, deck: Deck) -> None:
        """Some time later, with nothing new."""
        for slot in self.slots:
            vitals = slot.vitals(deck)
            if slot.kind and not slot.judged and vitals.state == slot.pane.vitals.state:
                slot.pane.retell(vitals)
            else:
                slot.show(deck)  # made of the alerts, which the clock alone can change; or not fresh any more

    def on_pane_broken(self, event: Pane.Broken) -> None:
        self.console.mishap(f"the pane {event.pane.pane_title}", event.error)

    def banner(self, facts: BannerFacts) -> None:
        for banner in self.query("#banner").results(Banner):
            connects = self.console.connects
            banner.show(replace(facts, view=spot(self.view), judged=self.console.lookout.judged, connects=connects))

    @property
    def status(self) -> StatusLine:
        return self.query_one("#status", StatusLine)

    # -- keys --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Not while something is open over it: keys were on their way then. And until the profile has been read there
        is nothing that most keys could be about."""
        return self.is_active and (self.console.ready or action in EARLY)

    @property
    def pane(self) -> Pane | None:
        return self.focused if isinstance(self.focused, Pane) else None

    @property
    def rows(self) -> TablePane | None:
        return self.focused if isinstance(self.focused, TablePane) else None

    def action_move(self, by: int) -> None:
        if self.rows:
            self.rows.move(by)
        else:
            self.action_side(by)

    def action_side(self, by: int) -> None:
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_edge(self, end: int) -> None:
        if self.rows:
            (self.rows.top if end < 0 else self.rows.bottom)()

    def action_page(self, direction: int) -> None:
        if self.rows:
            self.rows.page(direction)

    def action_open(self) -> None:
        if self.rows:
            self.rows.open()

    def action_back(self) -> None:
        if self.console.remedies.leave():
            return  # from the preview that is being taken
        if self.rows and self.rows.filter:
            self.rows.set_filter("")
        elif len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.console.view("overview")

    def action_sort(self) -> None:
        if self.rows:
            self.rows.sort_next()

    def action_reverse(self) -> None:
        if self.rows:
            self.rows.sort_reverse()

    def action_mark(self) -> None:
        if self.rows:
            self.rows.toggle_mark()

    def action_unmark(self) -> None:
        if self.rows:
            self.rows.clear_marks()

    def action_filter(self) -> None:
        from widgets.prompt import Prompt  # the first use of Textual's Input: not before it is needed

        pane = self.rows
        if pane is None:
            self.console.hint("there is nothing to filter here: Tab to a table")
            return
        before = pane.filter
        rows = pane.table.rows if pane.table else ()
        # what is restricted cannot be searched in: every row would be alike, and none would match
        fields = frozenset(key for row in rows for key, value in row.fields.items() if value != WITHHELD)
        self.app.push_screen(
            Prompt("filter", before, check=lambda text: wrong(text, fields), on_change=pane.set_filter),
            lambda text: pane.set_filter(before if text is None else text),
        )

    def action_view(self, name: str) -> None:
        self.console.view(name)

    def action_last_view(self) -> None:
        self.console.last_view()

    def action_source(self) -> None:
        kinds = {kind for slot in self.slots for kind in (slot.kind, *slot.also) if kind}
        self.console.choose(kinds)

    def action_runbook(self) -> None:
        self.console.runbook(self.runbook(self.console.deck), self.selection())

    def action_acknowledge(self) -> None:
        self._at_alerts()

    def action_silence(self) -> None:
        self._at_alerts()

    def _at_alerts(self) -> None:
        """Which alert is meant is chosen where they stand."""
        self.console.view("alerts")
        self.console.hint("select the alert, then press the key again", "")

    def action_read(self) -> None:
        self.console.read_restricted()

    def turn_to(self, page: str) -> None:
        """Show this page, in views that have several."""

    def action_turn(self) -> None:
        self.console.hint("this view has one page", "")

    def action_incident(self) -> None:
        self.console.incident()

    def action_note(self) -> None:
        self.console.note()

    def action_copy(self) -> None:
        from tui.rows import copy_row

        copy_row(self.console, self)

    def action_export(self) -> None:
        from tui.rows import export_view

        export_view(self.console, self)

    def action_palette(self) -> None:
        self.console.action_command_palette()

    def action_help(self) -> None:
        self.console.help()

    def action_poll(self) -> None:
        self.console.poll_now()

    def action_freeze(self) -> None:
        self.console.freeze()

    def action_slower(self) -> None:
        self.console.pace(slower=True)

    def action_faster(self) -> None:
        self.console.pace(slower=False)

    def action_step(self, what: str) -> None:
        self.console.hint("that is a key of a checklist's run: `:checklists` has them", "")

    def action_leave(self) -> None:
        self.app.exit(0)

    def action_act(self, key: str) -> None:
        self.console.remedies.key(key, self.selection())

    def action_act_menu(self) -> None:
        self.console.remedies.menu()


def wrong(text: str, fields: Sequence[str] | frozenset[str]) -> str:
    """What is wrong with a filter; "" when nothing is."""
    try:
        parse(text, fields)
    except FilterError as error:
        return str(error).replace("\n  ->", ":")
    return ""
