"""Runbook: the text that an alert leads to, opened at its section; actions it names can be started from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding

from services.errors import ConfigError
from services.profile import FlagAction
from services.readings import FlagsValues, QueueValues
from tui import walk
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, matches
from tui.selection import Selection
from tui.steps import Step, begun_at, named_in
from widgets.columns import Row
from widgets.pane import Content
from widgets.reader import Reader, text_table
from widgets.table import TablePane

if TYPE_CHECKING:
    from services.runbook import Runbook as Text
    from services.runbook import Section
    from widgets.markdown import DocLine


@dataclass
class _Shown:
    """The text as it is laid out in one width."""

    text: Text
    width: int
    actions: frozenset[str]
    lines: tuple[DocLine, ...]

    def section_of(self, line: DocLine) -> Section | None:
        """The innermost one that the line stands in."""
        return next((s for s in reversed(self.text.sections) if s.line <= line.source < s.end), None)

    def line_of(self, anchor: str) -> int:
        section = self.text.section(anchor)
        start = section.line if section else 0
        return next((at for at, line in enumerate(self.lines) if line.source >= start and line.line), 0)


class Runbook(ViewScreen):
    view, named = "runbook", "Runbook"
    BINDINGS = [Binding("tab", "side(1)", show=False), Binding("shift+tab", "side(-1)", show=False)]  # noqa: RUF012
    hints = (("Tab", "step"), ("open", "start, follow"), ("filter", "search"), ("back", "back"))

    def __init__(self) -> None:
        super().__init__()
        self.book = ""
        self._anchor = ""  # where to go when the text is there
        self._about = Selection()  # what was selected where it was opened
        self._way: list[str] = []  # the rows on which links were followed, to go back to
        self._step = ("", 0)  # the row with the cursor, and which of the steps in it is meant
        self._shown: _Shown | None = None
        self._texts: dict[str, Text | ConfigError] = {}

    def make(self) -> Iterator[Slot]:
        self.reader = Reader("Runbook", matches=matches, id="text")
        yield Slot(self.reader, "", self._drawn)

    # -- what is to be read ------------------------------------------------------------------------------------------

    def read(self, reference: str, about: Selection) -> None:
        """Open `NAME#ANCHOR`; actions started from the text are about what was selected before."""
        from services.runbook import reference as parts

        self.book, self._anchor = parts(reference)
        self._about = about
        self._way.clear()
        self._shown = None
        self.reader.set_filter("")

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """It does not change with readings."""
        if not self.is_mounted or (self._shown and sources is not None):
            return
        name = self.book or deck.profile.name
        if name in self._texts:
            super().show(deck, sources)
        else:
            self.console.background(self._load(name), "runbook", f"reading the runbook {name}", exclusive=True)

    async def _load(self, name: str) -> None:
        from services.runbook import load

        profile = self.console.deck.profile
        path = profile.runbook.path if name == profile.name else ""
        try:
            self._texts[name] = await asyncio.to_thread(load, name, path)
        except ConfigError as error:
            self._texts[name] = error
        self.show(self.console.deck)

    def _drawn(self, deck: Deck) -> Content | None:
        text = self._texts.get(self.book or deck.profile.name)
        if isinstance(text, ConfigError):
            return text_table((), f"{text.message}: {text.remedy}")
        width = self.reader.text_width
        if text is None or width <= 0:
            return None
        self._shown = self._laid_out(text, width, frozenset(deck.profile.actions))
        self.reader.retitle(f"Runbook · {text.title}")
        self.call_after_refresh(self._arrive)
        return text_table(tuple(self._row(at, line) for at, line in enumerate(self._shown.lines)), "an empty runbook")

    def _laid_out(self, text: Text, width: int, actions: frozenset[str]) -> _Shown:
        from widgets.markdown import document

        shown = self._shown
        if shown and (shown.text, shown.width, shown.actions) == (text, width, actions):
            return shown
        return _Shown(text, width, actions, document("\n".join(text.lines), width, actions))

    def _row(self, at: int, line: DocLine) -> Row:
        assert self._shown
        text = "".join(part for part, _ in line.line)
        section = self._shown.section_of(line)
        fields = {"text": text, "section": section.title if section else ""}
        return Row(str(at), (line.line,), (), fields, line)

    def _arrive(self) -> None:
        if self._shown and self._anchor:
            anchor, self._anchor = self._anchor, ""
            if self._shown.text.section(anchor) is None:
                self.console.say(f"the runbook has no section {anchor!r}: it is shown from its beginning", "warn")
            self.reader.put_first(str(self._shown.line_of(anchor)))
            self._tell(self.reader.selected)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self.console.ready and self._shown:
            here = self.reader.selected
            section = self._shown.section_of(here.data) if here else None
            self._anchor = section.anchor if section else ""
            self.call_after_refresh(lambda: self.show(self.console.deck))

    # -- keys --------------------------------------------------------------------------------------------------------

    def selection(self) -> Selection:
        return self._about

    def action_side(self, by: int) -> None:
        """To the next line on which Enter does something; of several things in a line, to the next of them."""
        steps = [(at, nth) for at, line in enumerate(self._lines) for nth in range(len(self._steps(line)))]
        row = self.reader.selected
        here = (int(row.key), self._nth(row) if self._steps(row.data) else -1) if row else (-1, -1)
        ahead = [step for step in steps if step > here] if by > 0 else [step for step in reversed(steps) if step < here]
        if ahead and not self.reader.filter:
            self._step = (str(ahead[0][0]), ahead[0][1])
            self.reader.go_to(self._step[0])
            self._tell(self.reader.selected)

    def _steps(self, line: DocLine) -> tuple[Step, ...]:
        """At the heading of a playbook it is begun."""
        section = self._shown.section_of(line) if self._shown else None
        if section is None or line.source != section.line or not line.line:
            return tuple(named_in(line))
        deck = self.console.deck
        return (*begun_at(deck.profile, f"{self.book or deck.profile.name}#{section.anchor}"), *named_in(line))

    @property
    def _lines(self) -> tuple[DocLine, ...]:
        return self._shown.lines if self._shown else ()

    def _nth(self, row: Row) -> int:
        return self._step[1] if self._step[0] == row.key else 0

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        """From a search to the place; else what the line offers."""
        line: DocLine = event.row.data
        steps = self._steps(line)
        if self.reader.filter:
            self.reader.set_filter("")
            self.reader.put_first(event.row.key)
        elif not steps:
            self.console.hint("this line names no action and no section: Tab goes to the next that does", "")
        else:
            self._take(steps[self._nth(event.row)], event.row)

    def _take(self, step: Step, row: Row) -> None:
        if step.kind == "procedure":
            walk.enter(self.console, step.name)
        elif step.kind == "action":
            self.console.remedies.start(step.name, self._named(row.data), "key")
        else:
            self._follow(step.name, row.key)

    def _named(self, line: DocLine) -> Selection:
        """What was selected before, unless the text itself names a job type or a flag: then that is meant."""
        queue = self.console.deck.values("queue", QueueValues)
        flags = self.console.deck.values("flags", FlagsValues)
        types = {kind.type for kind in queue.types} if queue else set()
        switches = {flag.name for flag in flags.flags} if flags else set()
        type_ = next((name for name in line.named if name in types), self._about.type)
        flag = next((name for name in line.named if name in switches), self._about.flag)
        return replace(self._about, type=type_, flag=flag)

    def _follow(self, link: str, here: str) -> None:
        if link.startswith("#"):
            self._way.append(here)
            self._anchor = link[1:]
            self._arrive()
        else:
            self.console.say(f"outside of the console: {link}")

    def on_table_pane_moved(self, event: TablePane.Moved) -> None:
        self._tell(event.row)

    def _tell(self, row: Row | None) -> None:
        """What Enter would do on this line."""
        steps = self._steps(row.data) if row else ()
        if row is None or not steps:
            self.console.forget_hint()
            return
        step, more = steps[self._nth(row)], len(steps) - self._nth(row) - 1
        also = f"; Tab: {more} more in this line" if more else ""
        self.console.hint(f"Enter {self._does(step, row.data)}{also}", "")

    def _does(self, step: Step, line: DocLine) -> str:
        profile = self.console.deck.profile
        if step.kind == "link":
            section = self._shown.text.section(step.name.removeprefix("#")) if self._shown else None
            return f"goes to: {section.title if section else step.name}"
        if step.kind == "procedure":
            verb = "goes on with" if self.console.paperwork.under_way(step.name) else "begins"
            return f"{verb}: {profile.procedures[step.name].title}"
        action = profile.actions[step.name]
        type_ = self._named(line).type if isinstance(action, FlagAction) and "type" in action.params else ""
        return f"starts: {action.title}{f' ({type_})' if type_ else ''}"

    def action_back(self) -> None:
        if self.reader.filter:
            self.reader.set_filter("")
        elif self._way:
            self.reader.put_first(self._way.pop())
        else:
            self.console.last_view()
