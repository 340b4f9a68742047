"""A program that does something: followed line by line to its end, in an environment without our secrets."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.actions.effects.effect import LineHook, Order
from services.process import Process, start
from services.text import safe

LINES = 300  # told as they come; of a flood the rest is read and thrown away, for the program must not wait for us
LINE = 300  # characters
SIGN_OF_LIFE_S = 10.0  # who follows gives up on what says nothing for longer
PATIENCE_S = 5.0  # between the request to end and the end
DRAIN_S = 0.3
_KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSH_AUTH_SOCK"),
    *("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"),
)


@dataclass(frozen=True)
class Ended:
    """`code` is the exit code, below 0 for a signal; None: we ended it, too late or no longer wanted."""

    code: int | None
    took_s: float
    last: str  # the last thing it said


async def streamed(
    argv: Sequence[str], timeout: float, order: Order, directory: str = "", env: Mapping[str, str] | None = None
) -> Ended:
    """`env` is added to the few variables that every command gets. SourceError when it cannot be started: then nothing
    has happened."""
    began = time.monotonic()
    process = await start(argv, directory, {**environment(order.id), **(env or {})}, alone=True)
    told = _Told(order.on_line)
    reading = [asyncio.ensure_future(told.follow(pipe)) for pipe in (process.out, process.err)]
    try:
        ended = await _waited(process, timeout, order, told)
        code = await process.leave() if ended else await process.end(PATIENCE_S)
        await asyncio.wait(reading, timeout=DRAIN_S)  # something it left behind may hold the pipes for ever
    finally:
        for task in reading:
            task.cancel()
        process.close()
    return Ended(code if ended else None, time.monotonic() - began, told.last)


def environment(action_id: str) -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"WATCHDECK_ACTION_ID": action_id}


async def _waited(process: Process, timeout: float, order: Order, told: _Told) -> bool:
    """Whether it ended by itself: in time, and before somebody wanted it to."""
    exited, stopped = asyncio.ensure_future(process.exited()), asyncio.ensure_future(order.stop.wait())
    began = time.monotonic()
    try:
        while (left := began + timeout - time.monotonic()) > 0 and not stopped.done():
            moment = min(left, SIGN_OF_LIFE_S)
            await asyncio.wait({exited, stopped}, timeout=moment, return_when=asyncio.FIRST_COMPLETED)
            if exited.done():
                return True
            await told.say(f"still running, {time.monotonic() - began:.0f} s")
    finally:
        exited.cancel()
        stopped.cancel()
    return False


@dataclass
class _Told:
    """What the program said, as lines of bounded length and number."""

    on_line: LineHook
    last: str = ""
    count: int = 0

    async def follow(self, pipe: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await pipe.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                await self.line(line)
            rest = rest[-4 * LINE :]  # a line without end
            await asyncio.sleep(0)
        await self.line(rest)

    async def line(self, line: bytes) -> None:
        text = safe(line[: 4 * LINE].decode(errors="replace").strip(), LINE)
        if not text:
            return
        self.last = text
        self.count += 1
        if self.count < LINES:
            await self.say(text)
        elif self.count == LINES:
            await self.say("… it says more than is shown")

    async def say(self, text: str) -> None:
        await self.on_line(text)
