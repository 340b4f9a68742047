"""Runs the console: the profile is read before the terminal is taken, and the terminal is always given back."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tui.drill import Played


def run_console(
    profile: str | None = None,
    *,
    read_only: bool = False,
    wall: bool = False,
    cycle: float = 20.0,
    via: str = "",
    drill: Played | None = None,
) -> int:
    """The exit code of the console on this profile (a name, a path, or None to look for one).

    ConfigError when the profile or the settings cannot be used: the terminal has not been touched then, or, when the
    same profile was valid before and is not any more, it has been given back.
    """
    from services.errors import WatchdeckError
    from services.profile.place import find
    from tui.settings import read_keys

    path = find(profile)
    keymap = read_keys()

    from tui.opening import open_profile

    opened = None if path is None else open_profile(path)
    if not (os.isatty(0) and os.isatty(2)):  # where keys come from, and where Textual writes
        raise WatchdeckError("the console needs a terminal", "`watchdeck status` tells the same without one")

    from tui.app import Options, Watchdeck
    from tui.polling import build_sources, relayed
    from tui.relay import place
    from tui.screens.start import DEMO
    from tui.terminal import guarded

    options = Options(
        read_only=read_only,
        wall_cycle_s=cycle if wall else None,
        profile_path=str(path or ""),
        drill=drill,
        via=place(via) if via else "",
    )
    app = Watchdeck(opened, options, keymap, build=relayed(via) if via else build_sources)
    code = guarded(app)
    if app.refused:
        raise app.refused
    if app.return_value == DEMO:
        _become_the_demo()
    return code


def _become_the_demo() -> NoReturn:
    """In place of this process: the demo takes the terminal as if it had been called."""
    os.execv(sys.executable, [sys.executable, "-m", "tui", "demo"])  # noqa: S606 (our own program)
