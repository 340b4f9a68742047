"""One line-rendered widget per pane, which says how its reading is doing and repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.message import Message

from widgets.drawn import Drawn, Painted
from widgets.lines import Line, between, wrap
from widgets.vitals import Vitals


class Content(Protocol):
    """What a pane shows. It is told the room there is, and decides what to leave out."""

    def lines(self, width: int, height: int) -> Sequence[Line]: ...


@dataclass(frozen=True, slots=True)
class Lines:
    """Content that is the same at every size."""

    rows: tuple[Line, ...]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        return self.rows[:height]


class Pane(Drawn, can_focus=True):
    """Row 0 is the header: title, a note, state and age. The rest is the content's, or words for why there is none.

    A pane never parses text as markup and never prints a character that is not printable.
    """

    DEFAULT_CSS = """
    Pane { height: 1fr; width: 1fr; }
    """

    @dataclass
    class Broken(Message):
        """It could not be drawn, for a reason that nobody foresaw."""

        pane: Pane
        error: Exception

        @property
        def control(self) -> Pane:
            return self.pane

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._broken: Exception | None = None
        self.pane_title = title
        self.origin = ""  # the source, where the profile has several of a kind
        self.vitals = Vitals()
        self.content: Content | None = None

    # -- what the screen tells it ------------------------------------------------------------------------------------

    def show(self, content: Content | None, vitals: Vitals) -> None:
        """Show these; what looks the same as before is not painted again. None keeps the content there was."""
        if content is not None:
            self.content = content
        self._broken = None
        self.vitals = vitals
        self.repaint()

    def retell(self, vitals: Vitals) -> None:
        """The same content, some time later."""
        self.show(None, vitals)

    def retitle(self, title: str) -> None:
        self.pane_title = title
        self.repaint()

    # -- drawing -----------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Painted]:
        """An error in a content is this pane's alone: the others, and the keys, go on."""
        if self._broken is None:
            try:
                return [(self._header(width), ""), *self._body(width, height - 1)]
            except Exception as error:
                self.break_down(error)
        kind = type(self._broken).__name__
        words = (
            f"{kind}, an error in watchdeck itself: this pane cannot be drawn; the status line says where it is noted"
        )
        return [(((f"─ {self.pane_title}", "bold"),), ""), *((row, "") for row in wrap(words, width, "bad"))]

    def break_down(self, error: Exception) -> None:
        """What it is made of cannot be made. Told once, until something else can be drawn or goes wrong."""
        known, self._broken = self._broken, error
        if repr(known) != repr(error) and self.is_attached:
            self.post_message(self.Broken(self, error))

    def _header(self, width: int) -> Line:
        """A heavy rule when the pane has the focus, a light one when not: visible without colour."""
        # the age stands left: Textual writes a changed row from its first cell to the last one that changed
        rule, ink = ("━", "accent") if self.has_focus else ("─", "dim")
        title = f"{self.pane_title} ({self.origin})" if self.origin else self.pane_title
        left: Line = ((f"{rule} ", ink), (title, "title" if self.has_focus else "bold"))
        words = [word for word in self.vitals.words if word]
        # the state word stays at every width; its reasons go, the last first
        while len(words) > 1 and len(" · ".join(words)) + len(title) + 5 > width:
            words.pop()
        left = (*left, (f" · {' · '.join(words):<4} " if words else " ", self.vitals.style))
        return between((*left, *self.note()), (), width, rule, ink)

    def note(self) -> Line:
        """What stands behind the title; tables tell their filter and marks here."""
        return ()

    def _body(self, width: int, height: int) -> list[Painted]:
        if self.vitals.state in ("loading", "failed", "not configured") or self.content is None:
            return [(row, "") for row in self._words(width)]
        over = "dim" if self.vitals.state == "stale" else ""
        return [(row, over) for row in self.content.lines(width, height)]

    def _words(self, width: int) -> list[Line]:
        vitals = self.vitals
        if vitals.state in ("not configured", "still"):
            return wrap(vitals.reason or "not configured in this profile", width, "unknown")
        if vitals.state == "failed":
            remedy = wrap(f"→ {vitals.remedy}", width) if vitals.remedy else []
            return [*wrap(vitals.reason or "failed, without a message", width, "bad"), *remedy]
        return [(("waiting for the first answer …", "dim"),)]

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.repaint()
