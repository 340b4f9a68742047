"""Clocks of servers against each other: what is off for certain is told, and what nobody tells is unknown."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from email.utils import formatdate

import pytest

from services.clock import SystemClock
from services.errors import SourceError
from services.figures import exists, figure
from services.lint.machine import OF_CLOCKS
from services.profile import ClocksSource
from services.readings import NamedValues, Unknown
from services.sources.clocks import Clocks

DEAD = "http://127.0.0.1:9"  # the discard port: nothing listens there


async def server(stack: AsyncExitStack, ahead_s: float | None) -> str:
    """Its address; its clock is so far ahead, or it does not tell the time."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        date = "" if ahead_s is None else f"Date: {formatdate(time.time() + ahead_s, usegmt=True)}\r\n"
        writer.write(f"HTTP/1.1 404 Not Found\r\n{date}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    listening = await stack.enter_async_context(await asyncio.start_server(answer, "127.0.0.1", 0))
    return f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def compared(*ahead: float | None, dead: bool = False) -> NamedValues:
    async with AsyncExitStack() as stack:
        urls = [await server(stack, each) for each in ahead] + [DEAD] * dead
        told = {f"s{at}": {"url": url} for at, url in enumerate(urls)}
        source = Clocks("clocks", ClocksSource(kind="clocks", servers=told, timeout=1.0), SystemClock())
        try:
            return await source.fetch()
        finally:
            await source.close()


async def test_clocks_that_may_agree_are_not_said_to_differ() -> None:
    values = await compared(0.0, 0.4)
    assert figure(values, "figures.spread_s") == 0
    assert figure(values, "figures.offset_s{server=s0}") == 0
    assert {each.name for each in values.figures} == {*OF_CLOCKS} and exists("clocks", "figures.spread_s")


async def test_a_clock_that_is_off_is_told_by_how_much_at_least() -> None:
    values = await compared(0.0, 90.0, -20.0)
    told = {each.key: each.value for each in values.figures}
    assert 107 < told["spread_s"] <= 110  # type: ignore[operator]
    assert told["offset_s{server=s0}"] == 0
    assert 88 < told["offset_s{server=s1}"] <= 90 and -20 <= told["offset_s{server=s2}"] < -18  # type: ignore[operator]


async def test_a_server_that_does_not_tell_the_time_leaves_the_spread_unknown() -> None:
    for values in (await compared(0.0, None), await compared(0.0, dead=True)):
        assert isinstance(figure(values, "figures.spread_s"), Unknown)
        assert isinstance(figure(values, "figures.offset_s{server=s1}"), Unknown)
        assert figure(values, "figures.offset_s{server=s0}") == 0
    with pytest.raises(SourceError, match="has no Date"):
        await compared(None, None)
