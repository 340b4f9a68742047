"""An app that nothing in the background can take down: what a worker raises is one red line and a private note."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from textual.app import App
from textual.worker import WorkerFailed

from tui.crash import Notes
from widgets.statusline import Tone


class Contained(App[int]):
    def __init__(self) -> None:
        super().__init__(ansi_color=True)
        self._notes = Notes()

    def say(self, text: str, tone: Tone = "") -> None:
        """To the person at the screen."""
        raise NotImplementedError

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every local variable's value; `guarded` tells the crash instead."""
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """Everything that any part of Textual raises comes by here; a worker that failed takes nothing else down."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            self.mishap("something in the background", error.error)
        else:
            super()._handle_exception(error)

    def panic(self, *renderables: object) -> None:
        """The same, for errors that bring their own picture."""
        self._close_messages_no_wait()

    @property
    def crash(self) -> Exception | None:
        """What ended the app, when something did."""
        return self._exception

    def background(self, work: Coroutine[Any, Any, object], group: str, what: str, *, exclusive: bool = False) -> None:
        """Run it beside the keys. Whatever it raises is told, and nothing else happens."""
        self.run_worker(self._contained(work, what), group=group, exclusive=exclusive, exit_on_error=False)

    async def _contained(self, work: Coroutine[Any, Any, object], what: str) -> None:
        try:
            await work
        except Exception as error:
            self.mishap(what, error)

    def mishap(self, what: str, error: Exception) -> None:
        """Something that nobody foresaw: the screen lives, and the note says where to look."""
        kind = type(error).__name__
        self.say(f"{what}: {kind}, an error in watchdeck itself; {self._notes.of(error)}", "bad")
