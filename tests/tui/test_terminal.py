"""R17: whatever ends the console, the terminal is given back within 1.5 s and the exit code says so."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_S = 1.5
MODES_OFF = ("\x1b[?1049l", "\x1b[?1000l", "\x1b[?1004l", "\x1b[?2004l", "\x1b[?25h")

# a console on sources that stand still; one whose first tick goes wrong with a secret at hand; one whose worker does
PROGRAM = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.tui.deck import Stand
from tui.terminal import guarded

def crash():
    secret = "canary-secret"
    raise RuntimeError(secret)

async def fail():
    crash()

app = Stand().app()
if {fault!r} == "crash":
    app._tick = crash
elif {fault!r} == "worker":
    app._tick = lambda: app.run_worker(fail())
sys.exit(guarded(app))
"""


@dataclass
class Session:
    """The program in a pseudo-terminal of its own."""

    pid: int
    master: int
    before: list[object]
    output: bytearray = field(default_factory=bytearray)

    def read(self, seconds: float) -> None:
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.output += os.read(self.master, 1 << 16)
            except OSError:
                time.sleep(seconds)  # the other side is closed

    def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.text[-2000:]
            self.read(0.05)

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")

    def ended(self, reading: bool = True) -> tuple[int, float]:
        """The exit code, and how long it took from now."""
        start = time.monotonic()
        while time.monotonic() - start < 5:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                took = time.monotonic() - start
                self.read(0.05)
                return os.waitstatus_to_exitcode(status), took
            if reading:
                self.read(0.02)
            else:
                time.sleep(0.02)
        raise AssertionError("it did not end")

    def restored(self, slave: int) -> bool:
        return termios.tcgetattr(slave)[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


@pytest.fixture
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Session, int]]:
    fault = next((word for word in ("crash", "worker") if word in request.node.name), "")
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    pid = os.fork()
    if pid == 0:
        os.close(master)
        os.setsid()
        ioctl(slave, termios.TIOCSCTTY, 0)
        for target in (0, 1, 2):
            os.dup2(slave, target)
        program = PROGRAM.format(root=str(ROOT), fault=fault)
        os.execv(sys.executable, [sys.executable, "-c", program])
    running = Session(pid, master, termios.tcgetattr(slave))
    running.until(lambda: "Locks" in running.text)
    yield running, slave
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(slave)
    with contextlib.suppress(OSError):
        os.close(master)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(session: tuple[Session, int], number: signal.Signals) -> None:
    running, slave = session
    os.kill(running.pid, number)
    code, took = running.ended()
    assert code == 128 + number
    assert took < LIMIT_S
    assert running.restored(slave)
    assert all(mode in running.text for mode in MODES_OFF)


def test_a_terminal_that_does_not_read_is_given_back_too(session: tuple[Session, int]) -> None:
    running, slave = session
    for _ in range(400):  # freeze on and off, views in turn: far more output than the pseudo-terminal holds
        os.write(running.master, b"124z5z690")
    time.sleep(1.0)
    os.kill(running.pid, signal.SIGTERM)
    code, took = running.ended(reading=False)
    assert code == 128 + signal.SIGTERM
    assert took < LIMIT_S
    assert running.restored(slave)


def test_the_terminal_going_away_ends_it(session: tuple[Session, int]) -> None:
    running, _ = session
    os.close(running.master)
    start = time.monotonic()
    while True:
        done, status = os.waitpid(running.pid, os.WNOHANG)
        if done:
            break
        assert time.monotonic() - start < LIMIT_S
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(status) != 0


def test_a_crash_shows_no_secret_and_names_its_file(session: tuple[Session, int], tmp_path: Path) -> None:
    running, slave = session
    code, _ = running.ended()
    assert code == 1
    assert running.restored(slave)
    assert "canary-secret" not in running.text
    (file,) = (tmp_path / "state").rglob("crash-*.txt")
    assert file.name in running.text.replace("\r\n", "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary-secret" not in file.read_text()
    assert "RuntimeError" in file.read_text()


def test_a_worker_that_fails_ends_nothing_and_its_note_has_no_secret(
    session: tuple[Session, int], tmp_path: Path
) -> None:
    """Whoever started it, also as Textual would have it: with the app's end if it fails."""
    running, slave = session
    running.until(lambda: "RuntimeError" in running.text)
    os.write(running.master, b"q")
    code, _ = running.ended()
    assert code == 0
    assert running.restored(slave)
    assert "canary-secret" not in running.text
    (file,) = (tmp_path / "state").rglob("crash-*.txt")  # it failed every second
    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary-secret" not in file.read_text()


def test_ctrl_c_typed_is_a_key_and_not_the_end(session: tuple[Session, int]) -> None:
    """In raw mode no signal comes of it; what ends the console is q, or SIGINT from outside."""
    running, slave = session
    os.write(running.master, b"\x03\x034")
    running.until(lambda: "Stale locks" in running.text)
    os.write(running.master, b"q")
    assert running.ended()[0] == 0
    assert running.restored(slave)


def test_standard_input_at_its_end_ends_it_and_gives_the_terminal_back(tmp_path: Path) -> None:
    """A pipe that is closed, with the terminal still there: output is to it, input comes from nowhere."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        for target, source in ((0, reading), (1, slave), (2, slave)):
            os.dup2(source, target)
        os.closerange(3, 256)
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM.format(root=str(ROOT), fault="")])
    os.close(reading)
    running = Session(pid, master, termios.tcgetattr(slave))
    try:
        running.until(lambda: "Locks" in running.text)
        os.close(writing)
        code, took = running.ended()
        assert code != 0
        assert took < LIMIT_S
        assert running.restored(slave)
        assert all(mode in running.text for mode in MODES_OFF)
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(master)
        os.close(slave)


def test_q_leaves_with_code_0(session: tuple[Session, int]) -> None:
    running, slave = session
    os.write(running.master, b"q")
    code, _ = running.ended()
    assert code == 0
    assert running.restored(slave)
