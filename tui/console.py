"""Run the console: the profile is read before the terminal is taken, and the terminal is given back whatever happens."""

from __future__ import annotations


def run_console(profile: str | None = None, *, read_only: bool = False, wall: bool = False, cycle: float = 20.0) -> int:
    """The exit code of the console on this profile (a name, a path, or None to look for one).

    ConfigError when the profile cannot be used: the terminal has not been touched then.
    """
    from services.profile import find, load

    path = find(profile)
    loaded = None if path is None else load(path)
    raise NotImplementedError(loaded)
