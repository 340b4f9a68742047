"""Structured log lines in a file, as a service of the demo writes them: JSON, one object a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path


class Logbook:
    """Each line is on the disk of others at once: nothing is kept back."""

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path).open("a", buffering=1)  # noqa: SIM115 - as long as the process

    def line(self, level: str, message: str, **more: object) -> None:
        self._file.write(line(datetime.now(UTC), level, message, **more))


def line(at: datetime, level: str, message: str, **more: object) -> str:
    told = {"time": at.isoformat(timespec="milliseconds"), "level": level, "msg": message, **more}
    return json.dumps(told) + "\n"
