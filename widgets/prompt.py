"""One line asked for at the bottom of the screen: a filter, a command, a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from widgets.lines import plain

Check = Callable[[str], str]  # what is wrong with the text, or "" when nothing is


class PlainInput(Input):
    """An Input that refuses a paste with anything in it that is not a printable character."""

    def _on_paste(self, event: events.Paste) -> None:
        if not event.text.isprintable():
            event.stop()
            event.prevent_default()
            self.post_message(Refused())


class Refused(Message):
    """A paste had control characters in it."""


class Prompt(ModalScreen[str | None]):
    """Dismissed with the text once `check` finds nothing wrong with it, or with None by Esc.

    `on_change` is told every change, so that a filter can be seen at work while it is typed. `known` is what it may be:
    the key → completes what was begun. `proposed`: what is typed takes the value's place, instead of going on with it.
    """

    DEFAULT_CSS = """
    Prompt { align: left bottom; background: transparent; }
    Prompt > #ask { height: auto; max-height: 3; width: 100%; color: $accent; background: $surface; }
    Prompt > Input { height: 1; width: 100%; border: none; padding: 0 1; background: $surface; }
    Prompt > Input:focus { border: none; }
    Prompt > #wrong { height: 1; width: 100%; color: $warning; background: $surface; }
    """

    def __init__(
        self,
        ask: str,
        value: str = "",
        *,
        check: Check | None = None,
        on_change: Callable[[str], None] | None = None,
        known: Sequence[str] = (),
        proposed: bool = False,
    ) -> None:
        super().__init__()
        self.ask = ask
        self.value = plain(value)
        self.check = check or (lambda _: "")
        self.on_change = on_change
        self.known = tuple(map(plain, known))
        self.proposed = proposed

    def compose(self) -> ComposeResult:
        # Content, never str: a string would be read as markup
        yield Static(Content(plain(self.ask)), id="ask")
        suggester = SuggestFromList(self.known) if self.known else None
        field = PlainInput(self.value, select_on_focus=self.proposed, suggester=suggester)
        field.cursor_blink = False
        yield field
        yield Static(Content(" ".join(self.known) or "Enter takes it, Esc leaves everything as it was"), id="wrong")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def _say(self, text: str) -> None:
        self.query_one("#wrong", Static).update(Content(plain(text)), layout=False)

    def _offered(self, text: str) -> str:
        """Of what is known, what may still become of it."""
        fitting = [name for name in self.known if name.startswith(text)]
        return "" if fitting in ([], [text]) else f"→ {' '.join(fitting)}"

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._say(self.check(event.value) or self._offered(event.value))
        if self.on_change:
            self.on_change(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if wrong := self.check(event.value):
            self._say(wrong)
        elif self.is_current:  # a second Enter may still have been on its way
            self.dismiss(event.value)

    @on(Refused)
    def _refused(self) -> None:
        self._say("that paste has control characters or more than one line in it: refused")

    def key_escape(self, event: events.Key) -> None:
        event.stop()  # or the view below hears it as well, as soon as this is gone
        if self.is_current:
            self.dismiss(None)
