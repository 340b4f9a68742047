"""Lines of logs, bounded, with what makes one findable: when, from where, how grave, and of which request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.readings.figure import Figure

Level: TypeAlias = Literal["critical", "error", "warning", "notice", "info", "debug", ""]
ERRORS = ("critical", "error")


@dataclass(frozen=True, slots=True)
class LogLine:
    """`number` counts the lines of one source, so that the same line is known again in the next reading."""

    number: int
    at: float | None  # as the line tells it; None: it does not, and its place says when
    origin: str  # the unit or the file
    level: Level
    text: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class LogsValues:
    about: str
    lines: tuple[LogLine, ...]  # newest last
    per_minute: Figure  # lines in the last 60 s
    errors_per_minute: Figure
    lost: int  # lines that came faster than they are read, since the start
    note: str = ""  # "app.log was truncated", "journalctl ended and was started again"
