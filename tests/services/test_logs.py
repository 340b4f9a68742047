"""Logs, of files and of a journal: nothing is lost to rotation, nothing restricted gets in, and nothing grows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from services.clock import SystemClock
from services.errors import SourceError
from services.profile import LogsSource
from services.readings import AtLeast, LogLine, LogsValues, Unknown
from services.sources.log_line import Reader
from services.sources.logs import Logs
from tests.needs import needs


class Moved(SystemClock):
    """The machine's clock, and some time more."""

    by = 0.0

    def mono(self) -> float:
        return super().mono() + self.by

    def wall(self) -> float:
        return super().wall() + self.by


@contextlib.asynccontextmanager
async def followed(clock: Moved | None = None, **spec: Any) -> AsyncIterator[Logs]:
    source = Logs("log", LogsSource(kind="logs", **spec), clock or Moved())
    try:
        yield source
    finally:
        await source.close()


async def texts(source: Logs) -> list[str]:
    return [line.text for line in (await source.fetch()).lines]


# -- files ------------------------------------------------------------------------------------------------------------


async def test_a_file_is_followed_and_a_line_under_way_is_told_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("one\ntwo\nthr")
    async with followed(paths=(str(log),)) as source:
        assert await texts(source) == ["one", "two"]
        with log.open("a") as out:
            out.write("ee\nfour\n")
        assert await texts(source) == ["one", "two", "three", "four"]


async def test_rotation_loses_nothing_of_the_old_file_nor_of_the_new(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("one\n")
    async with followed(paths=(str(log),)) as source:
        await source.fetch()
        with log.open("a") as old:
            old.write("two\nlast words")
        log.rename(tmp_path / "app.log.1")
        log.write_text("three\n")
        values = await source.fetch()
        assert [line.text for line in values.lines] == ["one", "two", "last words", "three"]
        assert "was rotated" in values.note


async def test_truncation_is_noticed_even_when_the_file_has_grown_past_our_place(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("one\n")
    async with followed(paths=(str(log),)) as source:
        await source.fetch()
        log.write_text("")  # as copytruncate does
        log.write_text("another, longer than what stood there\n")
        values = await source.fetch()
        assert [line.text for line in values.lines] == ["one", "another, longer than what stood there"]
        assert "was truncated" in values.note


async def test_a_file_that_goes_away_is_a_fault_after_its_last_words_and_comes_back(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("one\n")
    async with followed(paths=(str(log),)) as source:
        await source.fetch()
        with log.open("a") as out:
            out.write("two\n")
        log.unlink()
        assert await texts(source) == ["one", "two"]
        with pytest.raises(SourceError, match="there is no such file"):
            await source.fetch()
        log.write_text("three\n")
        assert await texts(source) == ["one", "two", "three"]


async def test_a_glob_takes_up_new_files_and_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("of a\n")
    async with followed(paths=(str(tmp_path / "*.log"), str(tmp_path / "missing"))) as source:
        values = await source.fetch()
        assert [(line.origin, line.text) for line in values.lines] == [("a.log", "of a")]
        assert "missing: there is no such file" in values.note
        (tmp_path / "b.log").write_text("of b\n")
        assert [line.origin for line in (await source.fetch()).lines] == ["a.log", "b.log"]


async def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    async with followed(paths=(str(tmp_path / "pipe"),)) as source:
        with pytest.raises(SourceError, match="is not a file"):
            await asyncio.wait_for(source.fetch(), 2)


async def test_a_flood_is_bounded_in_lines_and_bytes_and_told(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("")
    clock = Moved()
    async with followed(clock, paths=(str(log),), keep=50, max_bytes=4_096) as source:
        await source.fetch()
        clock.by = 61
        log.write_text("".join(f"line {n:06d}\n" for n in range(10_000)))
        values = await source.fetch()
        assert [line.text for line in values.lines][-1] == "line 009999" and len(values.lines) == 50
        assert values.lost > 100_000 and isinstance(values.per_minute, AtLeast) and values.per_minute.value > 300
        log.write_text("x" * 1_000_000)  # a line without end
        values = await source.fetch()
        assert "truncated" in values.note and len(values.lines) == 50


async def test_invalid_utf8_and_control_characters_come_out_visible(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"bad \xff\xfe bytes\n\x1b[31mred\x1b[0m\nwindows\r\n\n")
    async with followed(paths=(str(log),)) as source:
        assert await texts(source) == ["bad \\xff\\xfe bytes", "\\x1b[31mred\\x1b[0m", "windows"]


async def test_rates_are_unknown_for_a_minute_unless_the_lines_tell_their_time(tmp_path: Path) -> None:
    log, clock = tmp_path / "app.log", Moved()
    log.write_text("no time\n")
    async with followed(clock, paths=(str(log),)) as source:
        assert isinstance((await source.fetch()).per_minute, Unknown)
        clock.by = 30
        with log.open("a") as out:
            out.write("ERROR one\ntwo\n")
        await source.fetch()
        clock.by = 65
        values = await source.fetch()
        assert (values.per_minute, values.errors_per_minute) == (2, 1)
        clock.by = 95
        assert (await source.fetch()).per_minute == 0
    stamps = [time.time() - ago for ago in (200, 50, 40)]
    log.write_text("".join(json.dumps({"time": stamp, "level": "error", "msg": "x"}) + "\n" for stamp in stamps))
    async with followed(paths=(str(log),)) as source:
        assert (await source.fetch()).errors_per_minute == 2


# -- lines ------------------------------------------------------------------------------------------------------------

REQUEST = r"(?:X-Request-Id|request_id)\W+([\w-]+)"


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ("2026-11-21T08:17:01.5Z ERROR no disk", "error", "2026-11-21T08:17:01.5Z ERROR no disk"),
        ("an error in a sentence is no level", "", "an error in a sentence is no level"),
        (
            "2026/11/21 08:17:01 [crit] 7#7: *1 open() failed",
            "critical",
            "2026/11/21 08:17:01 [crit] 7#7: *1 open() failed",
        ),
        ("ts=1 level=warn msg=slow", "warning", "ts=1 level=warn msg=slow"),
        ('{"level": "Fatal", "message": "no", "code": 7, "deep": {"a": 1}}', "critical", "no code=7"),
        ('{"level": 50, "msg": "pino", "time": 1700000000123}', "error", "pino"),
        ('{"severity": "INFO", "event": "x"}', "info", "x"),
        ('{"half": ', "", '{"half": '),
        ("[1, 2]", "", "[1, 2]"),
        ("{}", "", "{}"),
    ],
)
def test_levels_are_found_in_text_and_in_json(line: str, level: str, text: str) -> None:
    read = Reader(LogsSource(kind="logs", paths=("x",))).line(line, "app.log")
    assert (read.level, read.text) == (level, text)


def test_times_are_found_with_their_zone() -> None:
    reader = Reader(LogsSource(kind="logs", paths=("x",)))
    for line in (
        "2023-11-14T22:13:20Z x",
        "[2023-11-14 23:13:20,000+0100] x",
        '{"ts": 1700000000.0}',
        '{"time": 17e17}',
    ):
        assert reader.line(line, "").at == 1_700_000_000.0
    assert reader.line("no time", "").at is None


def test_a_request_is_found_and_what_must_not_be_shown_never_gets_in() -> None:
    redact = (r"lat=[-\d.]+", r"\d{3}-\d{4}")
    reader = Reader(LogsSource(kind="logs", paths=("x",), request=REQUEST, redact=redact, level=r"lvl=(\w)"))
    read = reader.line('{"msg": "at lat=48.137 call 555-1234", "request_id": "r-7", "phone": "555-9999"}', "a")
    assert read.request == "r-7" and read.text == "at [redacted] call [redacted] request_id=r-7 phone=[redacted]"
    assert reader.line("X-Request-Id: 555-1234", "a").request == "[redacted]"


def test_the_journal_tells_levels_by_priority_and_text_that_is_no_text() -> None:
    reader = Reader(LogsSource(kind="logs", units=("x",)))

    def read(**entry: Any) -> Any:
        return reader.journal(json.dumps({"__REALTIME_TIMESTAMP": "1700000000500000", **entry}).encode())

    plain = read(PRIORITY="3", MESSAGE="no disk", _SYSTEMD_UNIT="app-web.service")
    assert (plain.at, plain.origin, plain.level, plain.text) == (1_700_000_000.5, "app-web", "error", "no disk")
    assert read(PRIORITY="6", MESSAGE="ERROR from stdout").level == "error"
    assert read(MESSAGE=[104, 105, 255]).text == "hi\\xff"
    assert "longer than" in read(MESSAGE=None).text
    assert read(UNIT="app-web.service", _SYSTEMD_UNIT="init.scope", MESSAGE="Started.").origin == "app-web"
    assert reader.journal(b"-- no json --") is None and reader.journal(b"7") is None


# -- the journal ------------------------------------------------------------------------------------------------------


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
