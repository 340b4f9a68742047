"""One line of a log, of the journal, JSON or plain text, as it may be shown: redacted, safe, bounded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.profile import LogsSource
from services.readings.logs import Level
from services.readings.private import WITHHELD
from services.text import safe

TEXT = 2_000  # characters of a line that are kept
REQUEST = 100
HIDDEN = "[redacted]"
_OF_PRIORITY: tuple[Level, ...] = (
    *("critical", "critical", "critical", "error"),
    *("warning", "notice", "info", "debug"),
)
_LEVELS: Mapping[str, Level] = {
    **dict.fromkeys(("emerg", "emergency", "panic", "alert", "crit", "critical", "fatal"), "critical"),
    **dict.fromkeys(("error", "err", "severe"), "error"),
    **dict.fromkeys(("warning", "warn"), "warning"),
    "notice": "notice",
    **dict.fromkeys(("info", "information", "informational"), "info"),
    **dict.fromkeys(("debug", "trace", "verbose", "fine"), "debug"),
}
# In text a level stands in capitals, in brackets, or behind `level=`: "an error" in a sentence is none.
_IN_TEXT = re.compile(
    r"\b(EMERG|PANIC|ALERT|CRITICAL|CRIT|FATAL|ERROR|ERR|SEVERE|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b"
    r"|\[(emerg|alert|crit|error|warn|notice|info|debug)\]|\blevel=\"?([A-Za-z]+)"
)
_MOMENT = re.compile(r"\W{0,2}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(Z\b|[+-]\d\d:?\d\d\b)?")
_TIMES = ("time", "timestamp", "@timestamp", "ts", "asctime", "datetime")
_LEVEL_KEYS = ("level", "severity", "lvl", "levelname", "log.level")
_MESSAGES = ("msg", "message", "event", "MESSAGE")
_LONGEST_REST = 400
_END = 7_258_118_400.0  # the year 2200


@dataclass(frozen=True, slots=True)
class Read:
    """A line before it has its number."""

    at: float | None
    origin: str
    level: Level
    text: str
    request: str


class Reader:
    """What the profile says about the lines of one source."""

    def __init__(self, spec: LogsSource, texts: bool = True) -> None:
        """Without `texts`: when, from where and how grave, and nothing of what a line says."""
        self._texts = texts
        self._level = re.compile(spec.level) if spec.level else None
        self._request = re.compile(spec.request) if spec.request else None
        self._redact = tuple(map(re.compile, spec.redact))

    def journal(self, raw: bytes) -> Read | None:
        """A line of `journalctl --output=json`; None when it is none."""
        entry = _parsed(raw)
        if not isinstance(entry, dict):
            return None
        text = _message(entry.get("MESSAGE"))
        # UNIT: what the service manager itself says of a unit
        origin = entry.get("UNIT") or entry.get("_SYSTEMD_UNIT") or entry.get("SYSLOG_IDENTIFIER") or ""
        stamp, priority = str(entry.get("__REALTIME_TIMESTAMP", "")), str(entry.get("PRIORITY", ""))
        inner = self.line(text, "")
        level = _OF_PRIORITY[int(priority)] if priority in tuple("01234567") else ""
        # what a program writes to its stdout is all of one priority: its own word says more
        level = inner.level if inner.level and level in ("", "info") else level
        at = _plausible(int(stamp) / 1e6) if stamp.isdecimal() and len(stamp) < 20 else inner.at
        return Read(at, safe(str(origin).removesuffix(".service"), 100), level, inner.text, inner.request)

    def line(self, text: str, origin: str) -> Read:
        """A line of text, which may be a JSON object."""
        entry = _object(text)
        if entry is None:
            return Read(_moment(text), safe(origin, 100), self._level_in(text), self._shown(text), self._id_in(text))
        words = str(next((entry[key] for key in _LEVEL_KEYS if key in entry), ""))
        at = next((_instant(entry[key]) for key in _TIMES if key in entry), None)
        # what must not be shown may be known by the quotes and braces around it, or without them
        hidden = entry if (kept := self._hidden(text)) == text else _object(kept)
        shown = text if hidden is None else _told(hidden)
        return Read(at, safe(origin, 100), _level(words), self._shown(shown), self._id_in(text))

    def _level_in(self, text: str) -> Level:
        head = text[:300]
        found = (self._level.search(text) if self._level else None) or _IN_TEXT.search(head)
        return _level(next((group for group in found.groups() if group), "")) if found else ""

    def _id_in(self, text: str) -> str:
        found = self._request.search(text) if self._request and self._texts else None
        return safe(self._hidden(found[1]), REQUEST) if found and found[1] else ""

    def _shown(self, text: str) -> str:
        return safe(self._hidden(text), TEXT) if self._texts else WITHHELD

    def _hidden(self, text: str) -> str:
        for pattern in self._redact:
            text = pattern.sub(HIDDEN, text)
        return text


def _message(found: Any) -> str:
    """The journal writes what is not UTF-8 as a list of bytes, and what is too long for it as null."""
    if isinstance(found, list):
        if all(isinstance(each, int) and 0 <= each < 256 for each in found):
            return bytes(found).decode("utf-8", "backslashreplace")
        return " ".join(_message(each) for each in found)  # the field stands several times
    return "(longer than the journal's reader tells)" if found is None else str(found)


def _object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    found = _parsed(text)
    return found if isinstance(found, dict) and found else None


def _parsed(text: str | bytes) -> Any:
    """None where it is no JSON, or nested for nobody to read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _told(entry: Mapping[str, Any]) -> str:
    """The message, and what else the line says in short."""
    message = next((str(entry[key]) for key in _MESSAGES if key in entry), "")
    known = {*_MESSAGES, *_LEVEL_KEYS, *_TIMES}
    rest = " ".join(
        f"{key}={value}" for key, value in entry.items() if key not in known and not isinstance(value, dict | list)
    )
    return f"{message} {rest[:_LONGEST_REST]}".strip()


def _level(word: str) -> Level:
    """A word, or a number as bunyan and pino have it: 50 is an error."""
    if word.isdecimal() and len(word) < 10:
        return next((level for least, level in _NUMBERS if int(word) >= least), "debug")
    return _LEVELS.get(word.lower(), "")


_NUMBERS: Sequence[tuple[int, Level]] = ((60, "critical"), (50, "error"), (40, "warning"), (30, "info"))


def _moment(text: str) -> float | None:
    """The time that a line begins with; without a zone it is this machine's."""
    found = _MOMENT.match(text)
    return _instant(f"{found[1].replace(',', '.')}{found[2] or ''}") if found else None


def _instant(value: Any) -> float | None:
    """Unix seconds of a text in ISO 8601, or of a number of seconds, milli-, micro- or nanoseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 < value < 10**21:
            return None
        return _plausible(float(value / 10 ** (3 * max(0, (math.floor(math.log10(value)) - 9) // 3))))
    try:
        return _plausible(datetime.fromisoformat(str(value)).timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def _plausible(at: float) -> float | None:
    """A number that somebody logged may be any: what no calendar has could not be shown."""
    return at if 0.0 < at < _END else None
