"""A journal, followed by a journalctl that dies, that may not read it, that floods us, and by the real one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.errors import SourceError
from services.readings import LogLine, LogsValues
from services.sources.logs import Logs
from tests.followed import followed
from tests.needs import needs


class Fake:
    """A journalctl that tells what it is told, and keeps how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journalctl"
        (folder / "more").touch()
        (folder / "backlog").touch()
        self.says(f"[ ${{5#--after}} = $5 ] && cat {folder}/backlog; exec tail -q -n +1 -f {folder}/more")

    def says(self, script: str) -> None:
        self.path.write_text(f'#!/bin/sh\necho "$*" >> {self.folder}/calls\necho $$ > {self.folder}/pid\n{script}\n')
        self.path.chmod(0o755)

    def line(self, number: int, file: str = "more", text: str = "") -> None:
        entry = {
            "__CURSOR": f"s=1;i={number}",
            "MESSAGE": text or f"line {number}",
            "PRIORITY": "4",
            "UNIT": "app.service",
        }
        with (self.folder / file).open("a") as out:
            out.write(json.dumps(entry) + "\n")

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def journalctl(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


async def until(source: Logs, holds: Callable[[LogsValues], object]) -> LogsValues:
    deadline = time.monotonic() + 5
    while True:
        with contextlib.suppress(SourceError):
            if holds(values := await source.fetch()):
                return values
        assert time.monotonic() < deadline, "never"
        await asyncio.sleep(0.01)


def last(values: LogsValues) -> str:
    return values.lines[-1].text if values.lines else ""


async def test_the_journal_is_followed_and_goes_on_where_it_was_when_journalctl_dies(journalctl: Fake) -> None:
    journalctl.line(1, "backlog")
    async with followed(units=("app", "db"), journalctl=(str(journalctl.path),), keep=7) as source:
        values = await source.fetch()
        assert isinstance(values.lines[0], LogLine) and last(values) == "line 1"
        journalctl.line(2)
        await until(source, lambda values: last(values) == "line 2")
        os.kill(journalctl.pid, signal.SIGKILL)
        (journalctl.folder / "more").write_text("")
        values = await until(source, lambda values: "was started again" in values.note)
        journalctl.line(3)
        values = await until(source, lambda values: last(values) == "line 3")
        assert [line.text for line in values.lines] == ["line 1", "line 2", "line 3"]
        pid = journalctl.pid
    first, again = journalctl.calls
    assert "--lines=7" in first and first.endswith("--unit=app --unit=db") and "--after-cursor=s=1;i=2" in again
    await asyncio.sleep(0)
    with pytest.raises(ProcessLookupError):
        for _ in range(500):
            os.kill(pid, 0)
            await asyncio.sleep(0.01)


async def test_a_journal_that_may_not_be_read_is_a_fault_each_time_and_not_an_empty_log(journalctl: Fake) -> None:
    journalctl.says("echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1")
    async with followed(units=("app",), journalctl=(str(journalctl.path),)) as source:
        for _ in range(2):
            with pytest.raises(SourceError, match="insufficient permissions") as caught:
                await source.fetch()
            assert caught.value.kind == "denied" and "systemd-journal" in caught.value.remedy
    assert len(journalctl.calls) == 2


async def test_a_hint_beside_the_lines_is_told_and_a_flood_keeps_the_newest(journalctl: Fake) -> None:
    journalctl.says(
        f"echo 'Hint: You are not seeing messages from others' >&2; exec tail -n +1 -f {journalctl.folder}/more"
    )
    for number in range(300):
        journalctl.line(number)
    async with followed(units=("app",), journalctl=(str(journalctl.path),), max_bytes=4_096, keep=1_000) as source:
        values = await until(source, lambda values: last(values) == "line 299")
        assert values.lost > 0 and len(values.lines) < 300 and "not seeing messages" in values.note


async def test_the_real_journalctl_takes_our_options(tmp_path: Path) -> None:
    program = needs("journalctl")
    async with followed(units=("app",), journalctl=(program, f"--directory={tmp_path}")) as source:
        try:
            values = await source.fetch()
        except SourceError as fault:  # there is nothing to follow in an empty folder
            assert "option" not in fault.message and "nvalid" not in fault.message
        else:
            assert values.lines == ()
