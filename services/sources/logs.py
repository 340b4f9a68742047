"""Logs of the journal or of files: the newest lines, how many come in a minute, and how many of them are errors."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from services.clock import Clock
from services.profile import LogsSource
from services.readings import Figure, LogLine, LogsValues, Unknown
from services.readings.logs import ERRORS
from services.sources.log_files import LogFiles
from services.sources.log_journal import Journal
from services.sources.log_line import Read, Reader
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

MINUTE_S = 60.0


def make(name: str, spec: LogsSource, parts: Parts) -> Logs:
    return Logs(name, spec, parts.clock)


class Logs:
    """Lines are taken and read at each poll, in a thread: a flood costs no more than what may wait for one."""

    def __init__(self, name: str, spec: LogsSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._about = safe(", ".join(spec.units or spec.paths), 300)
        self._clock = clock
        self._threads = Threads(name, 1)
        self._reader = Reader(spec)
        self._journal = Journal(spec) if spec.units else None
        self._files = LogFiles(spec.paths, spec.max_bytes)
        self._kept: deque[LogLine] = deque(maxlen=spec.keep)
        self._count = 0
        self._lost = 0
        self._rates = Rates(clock)

    async def fetch(self) -> LogsValues:
        if self._journal:
            raw, lost, note = await self._journal.take()
            read = await self._threads.run(lambda: [line for each in raw if (line := self._reader.journal(each))])
        else:
            read, lost, note = await self._threads.run(self._from_files)
        self._keep(read)
        self._lost += lost
        return LogsValues(
            self._about, tuple(self._kept), self._rates.lines, self._rates.errors, self._lost, safe(note, 300)
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
        first = not self._count and not self._rates.begun
        for line in read:
            self._count += 1
            self._kept.append(LogLine(self._count, line.at, line.origin, line.level, line.text, line.request))
        # what stood there when we came did not come in this minute
        self._rates.add([] if first else read)


class Rates:
    """How many lines came in the last minute; not known before one has been watched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None
        self._came: deque[tuple[float, int, int]] = deque()

    @property
    def begun(self) -> bool:
        return self._since is not None

    def add(self, read: list[Read]) -> None:
        now = self._clock.mono()
        self._since = now if self._since is None else self._since
        if read:
            self._came.append((now, len(read), sum(line.level in ERRORS for line in read)))
        while self._came and self._came[0][0] <= now - MINUTE_S:
            self._came.popleft()

    @property
    def lines(self) -> Figure:
        return self._watched() or sum(lines for _, lines, _ in self._came)

    @property
    def errors(self) -> Figure:
        return self._watched() or sum(errors for _, _, errors in self._came)

    def _watched(self) -> Unknown | None:
        watched = 0.0 if self._since is None else self._clock.mono() - self._since
        return None if watched >= MINUTE_S else Unknown("no data yet", f"followed for {watched:.0f} of 60 s")
