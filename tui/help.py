"""What `?` shows: every key by group, as it is mapped now, with the ids for remapping."""

from __future__ import annotations

from collections.abc import Mapping

from tui.keys import GROUPS, KEYS
from widgets.help import HelpGroup


def groups(keymap: Mapping[str, str]) -> tuple[HelpGroup, ...]:
    return tuple(
        HelpGroup(
            title,
            tuple((keymap.get(key.id, key.shown), key.help, key.id) for key in KEYS if key.group == title),
        )
        for title in GROUPS
    )
