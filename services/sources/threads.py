"""Blocking calls beside the event loop: a bounded number, in threads that never hold up the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from services.errors import SourceError

T = TypeVar("T")


class Threads:
    """At most `size` calls at once.

    A ThreadPoolExecutor is joined at exit, so one call into a black hole would keep the program from ending, and
    asyncio's own is shared with name look-ups. These are daemon threads, and a call that hangs keeps its place taken.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._free = threading.BoundedSemaphore(size)
        self._size = size

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result. SourceError when every thread is still busy with an earlier call."""
        if not self._free.acquire(blocking=False):
            raise SourceError(
                "limit",
                f"{self._name}: {self._size} earlier calls have not come back; no new one is made",
                "it goes on by itself when they end; see whether the backend hangs",
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():  # given up meanwhile
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def work() -> None:
            result, error = None, None
            try:
                result = call()
            except Exception as raised:  # whatever it is, it belongs to the one who waits for it
                error = raised
            self._free.release()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, result, error)

        threading.Thread(target=work, name=f"watchdeck {self._name}", daemon=True).start()
        return await future
