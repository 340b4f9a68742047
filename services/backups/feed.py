"""A dump goes from where it is kept into the program that restores it, and is summed up on its way."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from services.backups.pour import Meter
from services.errors import SourceError
from services.process import start
from services.sources.threads import Threads
from services.text import safe

_ERROR = re.compile(r"(?:pg_restore: error: |psql:.*?: ERROR: +|ERROR: +)(.*)")
KEPT = 50  # complaints
_LINE = 2000


@dataclass(frozen=True)
class Fed:
    """How the restoring ended. `fault`: why what was kept could not be read to its end."""

    code: int
    complaints: tuple[str, ...]
    fault: str = ""


async def fed(
    argv: Sequence[str],
    env: Mapping[str, str],
    pieces: Callable[[], Iterator[bytes]],
    threads: Threads,
    meter: Meter,
) -> Fed:
    """SourceError when the program cannot be started. Cancelled, it takes the program with it."""
    process = await start(argv, env=env, alone=True, fed=True)
    told = asyncio.ensure_future(_complaints(process.err))
    quiet = asyncio.ensure_future(_nothing(process.out))
    fault, given_up = "", threading.Event()
    try:
        try:
            await threads.run(lambda: _pour(pieces(), process.given, meter, given_up))
        except SourceError as error:
            fault = error.message
            process.kill()  # what it has is not the whole; at the end of its input it might think so
        code = await process.leave()
        return Fed(code, await told, fault)
    finally:
        given_up.set()
        told.cancel()
        quiet.cancel()
        process.close()
        with contextlib.suppress(OSError, ValueError):
            process.given.close()


def _pour(pieces: Iterator[bytes], into: IO[bytes], meter: Meter, given_up: threading.Event) -> None:
    """All of it is read and summed up, even when the program wants no more."""
    wanted = True
    for piece in pieces:
        meter.add(piece)
        wanted = wanted and _wanted(into, piece)
        if given_up.is_set():
            return
    meter.end()
    _wanted(into, b"", close=True)


def _wanted(into: IO[bytes], piece: bytes, close: bool = False) -> bool:
    try:
        into.write(piece)
        if close:
            into.close()
    except (BrokenPipeError, ValueError):
        return False
    return True


async def _complaints(pipe: asyncio.StreamReader) -> tuple[str, ...]:
    found: list[str] = []
    rest = b""
    while piece := await pipe.read(65_536):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if (match := _ERROR.match(line[:_LINE].decode(errors="replace"))) and len(found) < KEPT:
                found.append(safe(match[1], 300))
        rest = rest[-_LINE:]
    return tuple(found)


async def _nothing(pipe: asyncio.StreamReader) -> None:
    while await pipe.read(65_536):
        pass
