"""The screen without a profile: what there is to begin with."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from widgets.pane import Pane
from widgets.start import welcome
from widgets.vitals import Vitals

DEMO = -1  # what the app ends with when the demo is wanted


class Start(Screen[None]):
    BINDINGS = [Binding("q,escape", "leave", "quit"), Binding("d", "demo", "the demo")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Pane("watchdeck", id="welcome")

    def on_mount(self) -> None:
        import platformdirs

        from services.profile import shipped

        pane = self.query_one(Pane)
        pane.focus()
        pane.show(welcome(shipped(), platformdirs.user_config_dir("watchdeck")), Vitals("fresh", 0.0))

    def action_demo(self) -> None:
        self.app.exit(DEMO)

    def action_leave(self) -> None:
        self.app.exit(0)
