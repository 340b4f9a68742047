"""However a demo ends, nothing is left: no process, no folder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from services.demo.serve import serve
from services.demo.stack import Addresses, Options, Stack
from services.errors import WatchdeckError
from tests.demo import eventually

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    folder: Path
    everything: list[psutil.Process]

    def left(self) -> list[object]:
        alive = [p for p in self.everything if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        return [*alive, *([self.folder] if self.folder.exists() else [])]


def headless(*options: str) -> subprocess.Popen[bytes]:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a run under nohup would hand down that it is to be ignored
    return subprocess.Popen(
        [sys.executable, "-m", "tui", "demo", "--headless", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )


def running(*options: str) -> Running:
    process = headless(*options)
    assert process.stdout
    said = json.loads(process.stdout.readline())
    assert said["pid"] == process.pid
    process.stdout.close()
    top = psutil.Process(process.pid)
    return Running(process, Path(said["profile"]).parent, [top, *top.children(recursive=True)])


def ended(demo: Running, number: signal.Signals) -> None:
    """By this signal, with nothing left of it."""
    demo.process.send_signal(number)
    assert demo.process.wait(15) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    eventually(lambda: not demo.left(), 12)


@pytest.mark.parametrize(
    ("first", "second"), [(signal.SIGTERM, signal.SIGINT), (signal.SIGKILL, signal.SIGHUP)], ids=lambda one: one.name
)
def test_nothing_is_left_after_a_signal_and_another_demo_goes_on(first: signal.Signals, second: signal.Signals) -> None:
    one, other = running(), running()
    ended(one, first)
    # guardian, store, API, three pools, PostgreSQL and its backends
    assert other.folder.exists() and len([p for p in other.everything if p.is_running()]) > 8
    ended(other, second)


def test_a_demo_interrupted_while_it_starts_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = headless("--jobs", "500000")
    assert process.stdout
    eventually(lambda: list(tmp_path.glob("watchdeck-demo-*/data/postmaster.pid")))
    top = psutil.Process(process.pid)
    everything = top.children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    process.stdout.close()
    eventually(lambda: not [p for p in everything if p.is_running()] and not list(tmp_path.iterdir()), 12)


def test_a_console_that_is_killed_takes_its_stack_with_it() -> None:
    code = """import time; from services.demo.background import Background; from services.demo.stack import Options
print(Background(Options(), print).start().profile, flush=True); time.sleep(600)"""
    console = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    assert console.stdout
    said = [console.stdout.readline().decode().strip()]
    while not said[-1].endswith(".toml"):  # progress comes before
        assert said[-1]
        said.append(console.stdout.readline().decode().strip())
    console.stdout.close()
    demo = Running(console, Path(said[-1]).parent, psutil.Process(console.pid).children(recursive=True))
    assert len(demo.everything) > 8
    console.kill()
    console.wait()
    eventually(lambda: not demo.left(), 12)


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do() -> None:
    """A file where the folder should be stands for any refusal of the file system, a full disk among them."""
    with tempfile.NamedTemporaryFile() as file:
        code = f"import tempfile; tempfile.tempdir = {file.name!r}; import tui.__main__ as m; m.main()"
        argv = [sys.executable, "-c", code, "demo", "--headless"]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1 and done.stdout == ""
    assert "could not start" in done.stderr and "set TMPDIR" in done.stderr and "Traceback" not in done.stderr


def test_a_statement_that_the_database_refuses_is_not_blamed_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Stack) -> Addresses:
        raise psycopg.errors.UndefinedTable('relation "pins" does not exist')

    monkeypatch.setattr(Stack, "start", refused)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        with pytest.raises(WatchdeckError, match='relation "pins" does not exist') as caught:
            serve(Options(), lambda line: None, lambda addresses: None)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert "fault of the demo" in caught.value.remedy and "TMPDIR" not in caught.value.remedy
