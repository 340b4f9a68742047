"""The journal, followed by a `journalctl` of our own, which is started again where it left off when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from typing import TYPE_CHECKING

from services.process import Process, start
from services.sources.run_faults import of_words
from services.text import safe

if TYPE_CHECKING:
    from services.profile import LogsSource

LONGEST = 262_144  # bytes of one line: the journal tells no field longer than 4,096
SAYS = 2_000
_CURSOR = re.compile(rb'"__CURSOR"\s*:\s*"([^"\\]*)"')
_FIELDS = "MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER"


class Journal:
    """Lines wait in here, bounded in bytes, until they are taken; older ones give way."""

    def __init__(self, spec: LogsSource) -> None:
        self._spec = spec
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._lost = 0
        self._cursor = ""
        self._process: Process | None = None
        self._following: asyncio.Task[None] | None = None
        self._complaint = ""

    async def take(self) -> tuple[list[bytes], int, str]:
        """The lines that came, the bytes lost, a note. SourceError when journalctl does not run and has left none."""
        note = ""
        if self._process is None or (self._following and self._following.done()):
            note = await self._start()
        await self._first_word()
        lines, lost = list(self._waiting), self._lost
        self._waiting.clear()
        self._bytes = self._lost = 0
        if self._following and self._following.done() and not lines:
            raise of_words(safe(self._spec.journalctl[0], 100), self._complaint, "it ended by itself")
        return lines, lost, note

    def close(self) -> None:
        if self._process:
            self._process.close()
        if self._following:
            self._following.cancel()

    def argv(self) -> list[str]:
        wanted = [f"--after-cursor={self._cursor}"] if self._cursor else [f"--lines={self._spec.keep}"]
        options = ["--follow", "--output=json", "--no-pager", f"--output-fields={_FIELDS}", *wanted]
        return [*self._spec.journalctl, *options, *(f"--unit={unit}" for unit in self._spec.units)]

    async def _start(self) -> str:
        again = self._process is not None
        self.close()
        self._process = await start(self.argv())
        self._following = asyncio.create_task(self._follow(self._process))
        return f"{safe(self._spec.journalctl[0], 100)} ended and was started again" if again else ""

    async def _first_word(self) -> None:
        """A moment for the first lines, so that the first reading is not an empty one."""
        if not self._waiting and not self._cursor and self._following:
            await asyncio.wait({self._following}, timeout=0.3)

    async def _follow(self, process: Process) -> None:
        complaint = asyncio.ensure_future(process.err.read(SAYS))
        try:
            partial = b""
            while chunk := await process.out.read(65_536):
                *whole, partial = (partial + chunk).split(b"\n")
                partial = partial[:LONGEST]
                for line in whole:
                    self._keep(line)
                await asyncio.sleep(0)  # a flood is read between the keys, not instead of them
            await process.end()
            with contextlib.suppress(TimeoutError):
                self._complaint = (await asyncio.wait_for(complaint, 0.2)).decode("utf-8", "replace").strip()
        finally:
            complaint.cancel()
            process.close()

    def _keep(self, line: bytes) -> None:
        if found := _CURSOR.search(line):
            self._cursor = found[1].decode("ascii", "replace")
        self._waiting.append(line)
        self._bytes += len(line)
        while self._bytes > self._spec.max_bytes and len(self._waiting) > 1:
            gone = len(self._waiting.popleft())
            self._bytes, self._lost = self._bytes - gone, self._lost + gone
