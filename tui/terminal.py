"""Gives the terminal back: after a signal, a hangup, a crash, and also when the event loop does not move any more.

The loop cannot be relied on: a terminal that does not read blocks it. So signals are taken by `signal.signal`, and a
thread finishes the process when the app has not done so within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from tui.crash import tell_crash

if TYPE_CHECKING:
    from tui.app import Watchdeck

GRACE_S = 0.8  # for the app to leave by itself; together with the restoring it stays below 1.5 s
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
# off: mouse in all its modes, focus, paste, resize and colour reports, Kitty keys, synchronised update;
# attributes reset, cursor on, alternate screen left
RESTORE = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[?2031l"
    b"\x1b[<u\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l"
)


class Terminal:
    """The terminal as it was before the app took it."""

    def __init__(self) -> None:
        self.out = sys.__stderr__.fileno() if sys.__stderr__ else 2  # where Textual writes
        try:
            self.modes: list[Any] | None = termios.tcgetattr(0)
        except termios.error:
            self.modes = None

    def restore(self) -> None:
        """Never blocks: what the terminal has not read yet is thrown away first."""
        if self.modes is None:
            return
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(self.out, termios.TCOFLUSH)
        with contextlib.suppress(OSError):
            os.set_blocking(self.out, False)
            os.write(self.out, RESTORE)
        with contextlib.suppress(OSError):
            os.set_blocking(self.out, True)
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(0, termios.TCSANOW, self.modes)


class Watchdog:
    """Asked to leave, the app is given a moment; then the process ends, with the terminal restored."""

    def __init__(self, terminal: Terminal, leave: Callable[[int], None]) -> None:
        self._terminal = terminal
        self._leave = leave
        self._asked = threading.Event()
        self.code = 0

    def signalled(self, number: int, frame: FrameType | None) -> None:
        self.ask(128 + number)

    def ask(self, code: int) -> None:
        if self._asked.is_set():
            return
        self.code = code
        self._asked.set()
        threading.Thread(target=self._bark, daemon=True, name="watchdog").start()
        self._leave(code)

    def _bark(self) -> None:
        time.sleep(GRACE_S)
        self._terminal.restore()
        os._exit(self.code)


@contextlib.contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _watch_input(ask: Callable[[int], None], done: threading.Event) -> None:
    """The other end of the terminal going away is told by poll(); Textual's reader would spin on it for ever."""
    import select

    poll = select.poll()
    poll.register(0, select.POLLHUP | select.POLLERR)
    while not done.is_set():
        if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(250)):
            ask(128 + signal.SIGHUP)
            return


def guarded(app: Watchdeck) -> int:
    """Run the app. Its exit code: 0 after a plain quit, 128 + signal after a signal, 1 after a crash."""
    terminal = Terminal()
    loop: list[asyncio.AbstractEventLoop] = []

    def leave(code: int) -> None:
        if loop:
            loop[0].call_soon_threadsafe(lambda: app.exit(code, return_code=code))

    async def main() -> None:
        loop.append(asyncio.get_running_loop())
        await app.run_async()

    watchdog = Watchdog(terminal, leave)
    done = threading.Event()
    threading.Thread(target=_watch_input, args=(watchdog.ask, done), daemon=True, name="terminal").start()
    try:
        with _signals(watchdog.signalled):
            asyncio.run(main())
    except BaseException as error:
        terminal.restore()
        tell_crash(error)
        return 1
    finally:
        done.set()
    if watchdog.code:
        # not by return: a thread that is inside a driver would hold the interpreter's exit up
        terminal.restore()
        os._exit(watchdog.code)
    if crash := app.crash:
        terminal.restore()
        tell_crash(crash)
        return 1
    return app.return_code or 0
