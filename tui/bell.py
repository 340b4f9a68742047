"""The terminal's own ways of calling somebody: its bell, and a desktop notification through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from services.profile.notify import BellChannel, Osc9Channel
from tui.clipboard import wrapped
from widgets.lines import plain

if TYPE_CHECKING:
    from services.profile import Profile
    from services.watching.notices import Notice

BELL = "\a"
LONGEST = 200  # characters of a notification


class Bell:
    """Rings for what the profile's `bell` and `osc9` channels ask for."""

    def __init__(self, profile: Profile, write: Callable[[str], object], env: Mapping[str, str]) -> None:
        self._specs = [spec for spec in profile.notify.values() if isinstance(spec, BellChannel | Osc9Channel)]
        self._write = write
        self._env = env

    def ring(self, notice: Notice) -> None:
        severity = notice.alert.severity if notice.alert else ""
        for spec in self._specs:
            if notice.word in spec.words and (not spec.severities or severity in ("", *spec.severities)):
                self._write(BELL if isinstance(spec, BellChannel) else self._notification(notice))

    def _notification(self, notice: Notice) -> str:
        text = plain(f"{notice.word}: {notice.title}, {notice.text}").replace(";", ",")[:LONGEST]
        return wrapped(f"\x1b]9;{text}\a", self._env)
