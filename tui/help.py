"""What `?` shows: every key by group, as it is mapped now, with the ids for remapping."""

from __future__ import annotations

from collections.abc import Mapping

from tui.keys import GROUPS, KEYS, OWN
from widgets.help import HelpGroup


def groups(keymap: Mapping[str, str], actions: Mapping[str, str]) -> tuple[HelpGroup, ...]:
    """`actions`: the titles of the profile's own, by the capital letter that it has put them on."""
    found = [
        HelpGroup(
            title,
            tuple((keymap.get(key.id, key.shown), key.help, key.id) for key in KEYS if key.group == title),
        )
        for title in GROUPS
    ]
    own = [key for key in KEYS if key.group == OWN and key.key in actions]
    if own:
        found.append(HelpGroup(OWN, tuple((keymap.get(key.id, key.key), actions[key.key], key.id) for key in own)))
    return tuple(found)
