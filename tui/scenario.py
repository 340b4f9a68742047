"""One of the demo's scenarios, started or put right by the demo itself, and what it says to that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.demo import control
from services.errors import WatchdeckError

if TYPE_CHECKING:
    from tui.app import Watchdeck


async def scenario(app: Watchdeck, name: str, repair: bool = False) -> None:
    demo = app.profile.demo if app.profile else None
    if demo is None:
        return
    app.say(f"{'repairing' if repair else 'starting'} {name} …")
    try:
        state = await asyncio.to_thread(control.repair if repair else control.start, demo.control, name)
    except WatchdeckError as error:
        app.say(str(error).replace("\n ", ""), "bad")
    else:
        app.say(f"{state.title}: {state.state}")
