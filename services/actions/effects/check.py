"""Whether it is as it should be after an effect: a program of the profile's is asked, and 0 is yes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from services.actions.effects.effect import Order
from services.actions.effects.streamed import environment
from services.errors import SourceError
from services.run import run

WITHIN_S = 15.0  # an effect may take a while to show
EVERY_S = 0.5
_LIMIT = 4096


async def checked_after(
    argv: Sequence[str], order: Order, directory: str = "", env: Mapping[str, str] | None = None
) -> bool | None:
    """None: there is no check, it cannot be started, or it never ends."""
    if not argv:
        return None
    given = {**environment(order.id), **(env or {})}
    deadline = time.monotonic() + WITHIN_S
    holds: bool | None = None
    while (left := deadline - time.monotonic()) > 0:
        try:
            ran = await run(argv, left, _LIMIT, directory, given, alone=True)
        except SourceError as error:
            await order.on_line(f"the check afterwards: {error.message}")
            return None
        holds = None if ran.code is None else ran.code == 0
        if holds or order.stop.is_set():
            break
        await asyncio.sleep(min(EVERY_S, max(0.0, deadline - time.monotonic())))
    return holds


def in_words(holds: bool | None) -> str:
    if holds is None:
        return "; the check afterwards could not be asked"
    return "; the check afterwards holds" if holds else "; the check afterwards does not hold"
