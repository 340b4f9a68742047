"""Logs of files: nothing is lost to rotation, nothing grows, and what cannot be told is not told as nothing."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from services.errors import SourceError
from services.readings import AtLeast, Unknown
from services.sources.logs import Logs
from tests.followed import Moved, followed


async def texts(source: Logs) -> list[str]:
    return [line.text for line in (await source.fetch()).lines]


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


async def test_of_files_that_are_there_already_the_one_written_to_last_has_the_last_lines(tmp_path: Path) -> None:
    for number, name in enumerate(("new.log", "old-2.log", "old-1.log")):
        (tmp_path / name).write_text(f"{name} 1\n{name} 2\n")
        os.utime(tmp_path / name, (1e9 - number, 1e9 - number))
    async with followed(paths=(str(tmp_path / "*.log"),), keep=3) as source:
        assert await texts(source) == ["old-2.log 2", "new.log 1", "new.log 2"]


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
