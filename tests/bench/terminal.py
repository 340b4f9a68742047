"""A program in a pseudo-terminal, watched from outside: what arrives when, and what its process tree costs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil
import pyte

# A terminal answers a few questions; a program that waits for an answer would look slow otherwise.
_ANSWERS = {
    rb"\x1b\[\?(\d+)\$p": lambda m: b"\x1b[?" + m[1] + b";0$y",
    rb"\x1b\[6n": lambda m: b"\x1b[1;1R",
    rb"\x1b\[c": lambda m: b"\x1b[?62;22c",
    rb"\x1b\[\?u": lambda m: b"\x1b[?0u",
}
# pyte does not know these and would print them
_FOREIGN = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\"
)


@dataclass
class Program:
    """One child on a pseudo-terminal. `chunks` holds (arrival on the monotonic clock, bytes)."""

    argv: list[str]
    columns: int = 120
    rows: int = 40
    env: dict[str, str] = field(default_factory=dict)
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    started: float = 0.0

    def __post_init__(self) -> None:
        self.screen = pyte.Screen(self.columns, self.rows)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0
        self.started = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
            os.execvpe(self.argv[0], self.argv, {**os.environ, "TERM": "xterm-256color", **self.env})
        self._arrived = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return
            now = time.monotonic()
            for question, answer in _ANSWERS.items():
                for match in re.finditer(question, data):
                    self.send(answer(match))
            with self._arrived:
                self.chunks.append((now, data))
                self._arrived.notify_all()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def text(self) -> str:
        """The screen as it stands after everything that has arrived."""
        while self._fed < len(self.chunks):
            self._feed_next()
        return "\n".join(self.screen.display)

    def _feed_next(self) -> float:
        at, data = self.chunks[self._fed]
        self._stream.feed(_FOREIGN.sub(b"", data))
        self._fed += 1
        return at

    def until(self, seen: Callable[[str], bool], timeout: float) -> float | None:
        """When the chunk arrived that made `seen(screen)` true; None if none did in time."""
        deadline = time.monotonic() + timeout
        while True:
            while self._fed < len(self.chunks):
                at = self._feed_next()
                if seen("\n".join(self.screen.display)):
                    return at
            with self._arrived:
                if self._fed == len(self.chunks) and not self._arrived.wait(max(0.0, deadline - time.monotonic())):
                    return None

    def tree(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """User and system seconds of the whole tree so far."""
        total = 0.0
        for process in self.tree():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def pss_mb(self) -> float:
        """Proportional set size of the whole tree, in MB."""
        total = 0.0
        for process in self.tree():
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss / 1e6
        return total

    def close(self) -> None:
        """Ends the program by its pid and waits for it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG) != (0, 0):
                break
            time.sleep(0.02)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)
