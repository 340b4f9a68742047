"""The dialog that stands between a preview and its effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from textual import events, work
from textual.app import ComposeResult
from textual.screen import ModalScreen

from services.actions.plan import Plan
from services.errors import WatchdeckError
from widgets.answer import Answer
from widgets.drawn import Drawn, Painted
from widgets.planned import ends, heading, middle

Retake = Callable[[], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The plan that was on the screen when it was confirmed, and why."""

    plan: Plan
    reason: str


class ConfirmScreen(ModalScreen[Confirmed | None]):
    """Shows a plan and waits for what the plan asks for. Dismissed with Confirmed, or None when cancelled.

    Focus rests on Cancel. Keys pressed before the dialog was painted, and a quarter of a second after, are dropped; a
    paste is refused. `retake` takes the preview again; without it an expired preview can only be cancelled.
    """

    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen > ConfirmBody { max-width: 100; width: 100%; height: 100%; max-height: 34; }
    """

    def __init__(self, plan: Plan, *, retake: Retake | None = None, mono: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self.mono = mono
        self.retake = retake
        self.answer = Answer(plan, mono())

    def compose(self) -> ComposeResult:
        yield ConfirmBody(self.answer, self.mono)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tell)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self.answer.painted(monotonic())  # the clock that stamps key events, whatever `mono` is

    def _tell(self) -> None:
        self.query_one(ConfirmBody).repaint()

    # Every key ends here: none reaches a binding of the screen or the app while something waits to be confirmed.
    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not self.is_current:  # answered already: keys that were still on their way
            return
        if event.key in ("pageup", "pagedown"):
            self.query_one(ConfirmBody).scroll(1 if event.key == "pagedown" else -1)
            return
        result = self.answer.press(event.key, event.character, event.time, self.mono())
        self._tell()
        if result == "cancel":
            self.dismiss(None)
        elif result == "confirm":
            self.dismiss(Confirmed(self.answer.plan, self.answer.reason.strip()))
        elif result == "retake":
            self._take_again()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.answer.pasted()
        self._tell()

    @work(group="confirm-retake", exclusive=True)
    async def _take_again(self) -> None:
        if self.retake is None:
            self.answer.said = "cancel, and start the action again for a new preview"
        else:
            self.answer.said = "taking the preview again …"
            self._tell()
            try:
                self.answer.replaced(await self.retake(), self.mono())
            except WatchdeckError as error:
                self.answer.said = error.message
            else:
                self.call_after_refresh(self._painted)
        self._tell()


class ConfirmBody(Drawn):
    """What the dialog shows; the ends always stay, the list in the middle scrolls."""

    def __init__(self, answer: Answer, mono: Callable[[], float]) -> None:
        super().__init__()
        self.answer = answer
        self.mono = mono
        self._top = 0
        self._longest = 0

    def scroll(self, direction: int) -> None:
        self._top = max(0, min(self._top + direction * 5, self._longest))
        self.repaint()

    def draw(self, width: int, height: int) -> list[Painted]:
        top, bottom = heading(self.answer.plan, width), ends(self.answer, self.mono(), width)
        room = max(0, height - len(top) - len(bottom))
        rows = middle(self.answer.plan, width)
        self._longest = max(0, len(rows) - room)
        shown = rows[self._top : self._top + room]
        if len(rows) - self._top > room > 0:
            below = len(rows) - self._top - room + 1
            shown[-1] = ((f"… {below} more lines, PgDn", "dim"),)
        blank = [()] * (room - len(shown))
        return [(row, "") for row in (*top, *shown, *blank, *bottom)]
