"""Runs one command to its end, or ends it: an argument list, a deadline, and a bound on what is kept of its output."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.process import Process, start

CHUNK = 65_536
FLOOD = 64  # times the limit may be said; a program that goes on after that does not end by itself
DRAIN_S = 0.2  # for what is still in the pipes when it has ended


@dataclass(frozen=True, slots=True)
class Ran:
    """`code` is the exit code, below 0 when a signal ended it; None when we did, and `ended` says why."""

    code: int | None
    out: bytes
    err: bytes
    cut: bool  # there was more than is kept
    took_s: float
    ended: Literal["", "timeout", "flood"] = ""


async def run(
    argv: Sequence[str],
    timeout: float,
    limit: int,
    directory: str = "",
    env: Mapping[str, str] | None = None,
    *,
    alone: bool = False,
) -> Ran:
    """Keeps `limit` bytes of stdout and as many of stderr. Whatever it leaves running in its group is ended with it.

    SourceError when it cannot be started; anything else is told by `Ran`. Cancelled, it takes the command with it.
    """
    started = time.monotonic()
    process = await start(argv, directory, env, alone=alone)
    out, err = _Kept(limit), _Kept(limit)
    reading = [asyncio.ensure_future(out.read(process.out)), asyncio.ensure_future(err.read(process.err))]
    try:
        why = await _over(process, reading, timeout)
        code = await process.end()
        await asyncio.wait(reading, timeout=DRAIN_S)
    finally:
        for task in reading:
            task.cancel()
        process.close()
    took = time.monotonic() - started
    return Ran(None if why else code, bytes(out.kept), bytes(err.kept), out.cut or err.cut, took, why)


async def _over(
    process: Process, reading: Sequence[asyncio.Future[bool]], timeout: float
) -> Literal["", "timeout", "flood"]:
    """Until the command has ended; or why it has to be."""
    exited = asyncio.ensure_future(process.exited())
    deadline = asyncio.get_running_loop().time() + timeout
    waiting: set[asyncio.Future[Any]] = {exited, *reading}
    try:
        while not exited.done():
            left = deadline - asyncio.get_running_loop().time()
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return "timeout"
            if any(task in done and task.result() for task in reading):
                return "flood"
    finally:
        exited.cancel()
    return ""


class _Kept:
    """The first bytes of a pipe; the rest is read, so that the program can go on, and thrown away."""

    def __init__(self, limit: int) -> None:
        self.kept = bytearray()
        self.cut = False
        self._limit = limit

    async def read(self, pipe: asyncio.StreamReader) -> bool:
        """Until the end of the pipe; True when it was left because there was no end of it."""
        said = 0
        while chunk := await pipe.read(CHUNK):
            said += len(chunk)
            self.kept += chunk[: self._limit - len(self.kept)]
            self.cut = said > self._limit
            if said > FLOOD * self._limit:
                return True
            await asyncio.sleep(0)  # a flood is read between the keys, not instead of them
        return False
