"""Text of several lines asked for: a note, a root cause. Ctrl-S takes it; Esc asks before anything is lost."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from services.text import safe_lines
from widgets.lines import plain

_KEYS = "Ctrl-S takes it, Esc leaves everything as it was"
_ASKS = "what you wrote is not saved: Esc again throws it away, any other key goes on"


class Area(TextArea):
    """What is pasted into it is text, and nothing that a terminal would act on."""

    async def _on_paste(self, event: events.Paste) -> None:
        # the base class hears of the event too, and would put it in as it is
        event.prevent_default()
        event.stop()
        self.insert("\n".join(safe_lines(event.text)))

    async def _on_key(self, event: events.Key) -> None:
        """Esc and Ctrl-S are the dialog's."""
        if event.key not in ("escape", "ctrl+s"):
            await super()._on_key(event)


class Write(ModalScreen[str | None]):
    """Dismissed with the text, or with None when it was left as it was."""

    DEFAULT_CSS = """
    Write { align: left bottom; background: transparent; }
    Write > #ask { height: 1; width: 100%; color: $accent; background: $surface; }
    Write > Area { height: 9; width: 100%; border: none; padding: 0 1; background: $surface; }
    Write > Area:focus { border: none; }
    Write > #keys { height: 1; width: 100%; color: $warning; background: $surface; }
    """

    def __init__(self, ask: str, value: str = "") -> None:
        super().__init__()
        self.ask = ask
        self.value = "\n".join(map(plain, value.split("\n")))
        self._asked = False  # whether to throw away what was written

    def compose(self) -> ComposeResult:
        yield Static(Content(plain(self.ask)), id="ask")
        area = Area(self.value, compact=True, highlight_cursor_line=False)
        area.cursor_blink = False
        yield area
        yield Static(Content(_KEYS), id="keys")

    def on_mount(self) -> None:
        area = self.query_one(Area)
        area.focus()
        area.move_cursor(area.document.end)

    def _say(self, text: str) -> None:
        self.query_one("#keys", Static).update(Content(text), layout=False)

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._asked:
            self._asked = False
            self._say(_KEYS)

    def on_key(self, event: events.Key) -> None:
        """What the area has not taken: it bubbles."""
        text = self.query_one(Area).text
        if not self.is_current:  # closed already: keys that were still on their way
            return
        if event.key == "ctrl+s":
            event.stop()
            self.dismiss(text)
        elif event.key == "escape" and (self._asked or text == self.value):
            event.stop()
            self.dismiss(None)
        else:
            self._asked = event.key == "escape"
            self._say(_ASKS if self._asked else _KEYS)
