"""Calls to one bucket, made at the same time in threads, none of them later than the end of the poll."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from services.errors import SourceError
from services.readings import Fault
from services.sources.s3_client import Client
from services.sources.threads import Threads

T = TypeVar("T")


class Asking:
    def __init__(self, name: str, client: Client, timeout_s: float, threads: int) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._threads = Threads(name, threads)
        self._until = 0.0  # the loop's time at which the poll under way must be over

    async def begin(self) -> None:
        """A poll starts now. SourceError when the client cannot be made, or not in time."""
        self._until = asyncio.get_running_loop().time() + self._timeout_s
        try:
            async with asyncio.timeout_at(self._until):
                await self._threads.run(self._client.open)
        except TimeoutError:  # the thread goes on, and the next poll finds the client made
            raise SourceError(
                "timeout",
                f"{self._client.where}: the driver and its first call were not ready within {self._timeout_s:.3g} s",
                "it is tried again; a slow machine or store needs a longer `timeout`",
            ) from None

    async def probe(self, call: Callable[[], T]) -> T | Fault:
        """The call's result, or why there is none; never later than the poll's end."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._threads.run(call)
        except SourceError as error:
            return error.fault
        except TimeoutError:
            return Fault(
                "timeout",
                f"{self._client.where}: no complete answer within {self._timeout_s:.3g} s",
                "the store hangs or sends drop by drop; a slow one needs a longer `timeout`",
            )
