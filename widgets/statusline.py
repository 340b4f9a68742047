"""One line that says how an action is getting on and how it ended: it stays until something newer is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from widgets.drawn import Drawn, Painted
from widgets.lines import Line

if TYPE_CHECKING:
    from services.actions.plan import Outcome

Tone: TypeAlias = Literal["", "good", "warn", "bad", "unknown"]
_MARKS: dict[Tone, str] = {"": "▸", "good": "●", "warn": "▲", "bad": "✖", "unknown": "?"}
_WORDS: dict[str, Tone] = {
    "done": "good",
    "not applied": "warn",
    "partial": "warn",
    "unknown": "unknown",
    "denied": "bad",
}


class StatusLine(Drawn):
    DEFAULT_CSS = """
    StatusLine { height: 1; width: 100%; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._line: Line = ()

    def say(self, text: str, tone: Tone = "") -> None:
        self._line = ((f"{_MARKS[tone]} ", tone), (text, tone)) if text else ()
        self.repaint()

    def told(self, outcome: Outcome) -> None:
        """How an action ended: the word first, then the message and what to do."""
        remedy = f" → {outcome.remedy}" if outcome.remedy else ""
        self.say(f"{outcome.word}: {outcome.message}{remedy}", _WORDS[outcome.word])

    def clear(self) -> None:
        self.say("")

    def draw(self, width: int, height: int) -> list[Painted]:
        return [(self._line, "")]
