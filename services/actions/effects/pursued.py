"""A long piece of work within an action: it says that it lives, can be stopped, and ends at its deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from services.actions.effects.effect import Order
from services.errors import ActionError

T = TypeVar("T")

SIGN_OF_LIFE_S = 3.0


async def pursued(
    work: Coroutine[Any, Any, T],
    order: Order,
    timeout: float,
    words: Callable[[], str],
    stop: asyncio.Event | None = None,
) -> T:
    """What it brings. When it is stopped or late it is cancelled, and cleans up; then ActionError says so.

    `stop`: something else than the order's, where nobody may cut it short.
    """
    wanted = stop or order.stop
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(wanted.wait())
    began, told = time.monotonic(), ""
    try:
        while (left := began + timeout - time.monotonic()) > 0 and not stopped.done():
            await asyncio.wait({task, stopped}, timeout=min(left, SIGN_OF_LIFE_S), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            now = f"{words()}, {time.monotonic() - began:.0f} s"
            if now != told:
                await order.on_line(told := now)
        why = "somebody stopped it" if stopped.done() else f"it was not done within {timeout:.0f} s"
    finally:
        stopped.cancel()
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled() and not task.exception():
        return task.result()  # it came to its end in that very moment
    raise ActionError(f"{why} ({words()})", "" if wanted.is_set() else "give it a longer `timeout`")
