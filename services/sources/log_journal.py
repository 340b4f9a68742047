"""The journal, followed by a `journalctl` of our own, which is started again where it left off when it dies."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.process import Process, start
from services.sources.run_faults import of_words
from services.text import safe

if TYPE_CHECKING:
    from services.profile import LogsSource

LONGEST = 262_144  # bytes of one line: the journal tells no field longer than 4,096
COMPLAINT = 2_000  # bytes of what it says on stderr
FIRST_S = 0.3  # for its first word, so that the first reading is not an empty one
_CURSOR = re.compile(rb'"__CURSOR"\s*:\s*"([^"\\]*)"')
_FIELDS = "MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER"


class Journal:
    """Lines wait in here, bounded in bytes, until they are taken; older ones give way."""

    def __init__(self, spec: LogsSource) -> None:
        self._spec = spec
        self._program = safe(spec.journalctl[0], 100)
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._lost = 0
        self._cursor = ""
        self._run: _Run | None = None

    async def take(self) -> tuple[list[bytes], int, str]:
        """The lines that came, the bytes lost, a note. SourceError when journalctl ends without a word of the journal;
        the next call starts it again."""
        note = ""
        if self._run and self._run.ended:
            note = f"{self._program} ended and was started again"
            self._refuse_silent(self._run)
            self._run = None
        if self._run is None:
            self._run = _Run(await start(self._argv()), self._keep)
            await self._run.first_word()
            if self._run.ended and not self._waiting:
                self._refuse_silent(self._run)
        lines, lost = list(self._waiting), self._lost
        self._waiting.clear()
        self._bytes = self._lost = 0
        return lines, lost, note or self._run.complaint

    def close(self) -> None:
        if self._run:
            self._run.close()

    def _argv(self) -> list[str]:
        wanted = f"--after-cursor={self._cursor}" if self._cursor else f"--lines={self._spec.keep}"
        options = ["--follow", "--output=json", "--no-pager", f"--output-fields={_FIELDS}", wanted]
        return [*self._spec.journalctl, *options, *(f"--unit={unit}" for unit in self._spec.units)]

    def _refuse_silent(self, run: _Run) -> None:
        if run.spoke:
            return
        self._run = None
        if "cursor" in run.complaint.lower():  # the journal it pointed into was cleaned away
            self._cursor = ""
        raise of_words(self._program, run.complaint, "it ended by itself")

    def _keep(self, line: bytes) -> None:
        if found := _CURSOR.search(line):
            self._cursor = found[1].decode("ascii", "replace")
        self._waiting.append(line)
        self._bytes += len(line)
        while self._bytes > self._spec.max_bytes and len(self._waiting) > 1:
            gone = len(self._waiting.popleft())
            self._bytes, self._lost = self._bytes - gone, self._lost + gone


class _Run:
    """One journalctl, from its start to its end."""

    def __init__(self, process: Process, keep: Callable[[bytes], None]) -> None:
        self._process = process
        self._keep = keep
        self._word = asyncio.Event()
        self._said = b""
        self._tasks = (asyncio.create_task(self._follow()), asyncio.create_task(self._listen()))

    @property
    def ended(self) -> bool:
        return self._tasks[0].done()

    @property
    def spoke(self) -> bool:
        return self._word.is_set()

    @property
    def complaint(self) -> str:
        """What it said last on stderr: that there is no journal, or that most of it may not be seen."""
        lines = self._said.decode("utf-8", "replace").strip().splitlines()
        return safe(lines[0], 300) if lines else ""

    async def first_word(self) -> None:
        word = asyncio.create_task(self._word.wait())
        await asyncio.wait({word, self._tasks[0]}, timeout=FIRST_S, return_when=asyncio.FIRST_COMPLETED)
        word.cancel()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._process.close()

    async def _follow(self) -> None:
        partial = b""
        while chunk := await self._process.out.read(65_536):
            *whole, partial = (partial + chunk).split(b"\n")
            partial = partial[:LONGEST]
            for line in whole:
                self._keep(line)
            if whole:
                self._word.set()
            await asyncio.sleep(0)  # a flood is read between the keys, not instead of them
        await self._process.end()
        await asyncio.wait({self._tasks[1]}, timeout=FIRST_S)
        self._process.close()

    async def _listen(self) -> None:
        while said := await self._process.err.read(COMPLAINT):
            self._said = (self._said + said)[:COMPLAINT]
