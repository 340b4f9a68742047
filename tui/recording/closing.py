"""Closes a record for good, unless it lacks something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.records.event import CLOSED

if TYPE_CHECKING:
    from tui.app import Watchdeck


async def close(app: Watchdeck, id_: str, lacks: Sequence[str]) -> None:
    if lacks:
        app.say(refused(lacks), "bad")
        return
    await app.book.append(id_, CLOSED)
    app.say(f"{id_} is closed: e exports it", "good")


def refused(lacks: Sequence[str]) -> str:
    """By the names of what is missing, so that it fits a line: the row that closes it says all of it."""
    names = dict.fromkeys(lack.split(":")[0] for lack in lacks)
    return f"not closed, {len(lacks)} missing: {', '.join(names)}"
