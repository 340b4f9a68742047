"""Logs of the journal or of files: the newest lines, how many come in a minute, and how many of them are errors."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from services.clock import Clock
from services.profile import LogsSource, Role
from services.readings import LogLine, LogsValues
from services.sources.log_files import LogFiles
from services.sources.log_journal import Journal
from services.sources.log_line import Read, Reader
from services.sources.log_rates import Rates
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

NOTED_S = 60.0


def make(name: str, spec: LogsSource, parts: Parts) -> Logs:
    return Logs(name, spec, parts.clock, parts.role)


class Logs:
    """Lines are taken and read at each poll, in a thread: a flood costs no more than what may wait for one."""

    def __init__(self, name: str, spec: LogsSource, clock: Clock, role: Role = "admin") -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._about = safe(", ".join(spec.units or spec.paths), 300)
        self._clock = clock
        self._threads = Threads(name, 1)
        self._reader = Reader(spec, texts=role != "support")
        self._journal = Journal(spec) if spec.units else None
        self._files = LogFiles(spec.paths, spec.max_bytes)
        self._kept: deque[LogLine] = deque(maxlen=spec.keep)
        self._count = 0
        self._lost = 0
        self._rates = Rates(clock)
        self._note = (0.0, "")

    async def fetch(self) -> LogsValues:
        if self._journal:
            raw, lost, note = await self._journal.take()
            read = await self._threads.run(lambda: [line for each in raw if (line := self._reader.journal(each))])
        else:
            read, lost, note = await self._threads.run(self._from_files)
        self._keep(read)
        self._rates.add(read, lost > 0)
        self._lost += lost
        return LogsValues(
            about=self._about,
            lines=tuple(self._kept),
            per_minute=self._rates.lines,
            errors_per_minute=self._rates.errors,
            lost=self._lost,
            note=self._noted(safe(note, 300)),
        )

    async def close(self) -> None:
        if self._journal:
            self._journal.close()
        self._files.close()

    def _from_files(self) -> tuple[list[Read], int, str]:
        raw, lost, note = self._files.read()
        read = [self._reader.line(line.decode("utf-8", "backslashreplace").rstrip("\r"), name) for name, line in raw]
        return [line for line in read if line.text], lost, note

    def _keep(self, read: list[Read]) -> None:
        for line in read:
            self._count += 1
            self._kept.append(LogLine(self._count, line.at, line.origin, line.level, line.text, line.request))

    def _noted(self, note: str) -> str:
        """What happened is told for a while: nobody looks at every poll."""
        now = self._clock.mono()
        if note:
            self._note = (now, note)
        return self._note[1] if now - self._note[0] < NOTED_S else ""
