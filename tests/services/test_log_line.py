"""Lines of logs: levels, times and requests are found in text and JSON, and nothing restricted gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.profile import LogsSource
from services.sources.log_line import Reader

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


@pytest.mark.parametrize("pattern", [r'"password": *"[^"]*"', r"password=\S+", r'(?<="password": ")[^"]*', "can.ry"])
def test_what_must_not_be_shown_may_be_told_by_its_quotes_or_without_them(pattern: str) -> None:
    reader = Reader(LogsSource(kind="logs", paths=("x",), redact=(pattern,)))
    read = reader.line('{"level": "error", "msg": "no", "password": "canary"}', "a")
    assert "canary" not in read.text and "[redacted]" in read.text and "no" in read.text
    assert read.level == "error"


@pytest.mark.parametrize(
    "line",
    [
        '{"ts": 9.99e11, "msg": "no"}',
        f'{{"ts": 1{"0" * 400}, "msg": "no"}}',
        '{"ts": "0001-01-01T00:00:00Z", "msg": "no"}',
        f'{{"level": "{"9" * 5000}", "msg": "no"}}',
        f'{{"msg": "no", "deep": {"[" * 100_000}',
    ],
)
def test_what_no_calendar_has_and_nobody_can_count_is_a_line_like_others(line: str) -> None:
    read = Reader(LogsSource(kind="logs", paths=("x",))).line(line, "a")
    assert read.at is None and "no" in read.text
    journal = Reader(LogsSource(kind="logs", units=("x",)))
    assert journal.journal(b"[" * 100_000) is None
    for stamp in ("9" * 18, "9" * 5000):
        entry = journal.journal(json.dumps({"__REALTIME_TIMESTAMP": stamp, "MESSAGE": line}).encode())
        assert entry is not None and entry.at is None


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
