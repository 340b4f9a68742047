"""Who may have written a profile: one that names programs to be run is no safer than its file.

Whoever can change the file could have anything run by whoever starts the console: the owner of the file has to be that
person, root, or the owner of watchdeck's own code, and nobody beside the owner may write to it or put another in its
place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.errors import ConfigError

# The keys that name a program and its arguments, wherever they stand.
PROGRAMS = frozenset(
    ("argv", "systemctl", "journalctl", "post_check", "password_command", "pg_dump", "pg_restore", "psql")
)


def check(path: Path, told: os.stat_result, data: dict[str, Any]) -> None:
    """`told` is of the file that was read, not of whatever has its name now. ConfigError says what to change."""
    if told.st_mode & stat.S_IWOTH:
        raise ConfigError(f"{path}: anyone on this machine may write to it", f"chmod o-w {path}")
    where = next(_programs(data, ()), "")
    if not where:
        return
    what = f"and it names a program to run ({where})"
    if told.st_mode & stat.S_IWGRP:
        raise ConfigError(f"{path}: its group may write to it, {what}", f"chmod go-w {path}")
    if told.st_uid not in _trusted():
        raise ConfigError(
            f"{path}: it belongs to another user (uid {told.st_uid}), {what}",
            f"chown it to whoever runs the console, or to root: chown {os.geteuid()} {path}",
        )
    folder = path.resolve().parent
    mode = folder.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise ConfigError(
            f"{folder}: anyone may put another file in the place of {path.name}, {what}", f"chmod o-w {folder}"
        )


def _programs(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, list):
        node = dict(zip(map(str, range(len(node))), node, strict=True))
    for key, value in node.items() if isinstance(node, dict) else ():
        here = (*path, key)
        if key in PROGRAMS and isinstance(value, list):
            yield ".".join(here)
        else:
            yield from _programs(value, here)


def _trusted() -> set[int]:
    return {0, os.geteuid(), Path(__file__).stat().st_uid}
