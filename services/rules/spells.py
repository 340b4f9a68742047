"""What a text was: a version, a status. One spell for as long as it stayed the same."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MOST = 200  # a text that changes at every poll must not fill the memory


@dataclass(frozen=True, slots=True)
class Spell:
    text: str
    since: float  # monotonic seconds: first and last seen so
    until: float


class Spells:
    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._spells: deque[Spell] = deque(maxlen=MOST)

    def append(self, at: float, text: str) -> None:
        if self._spells and self._spells[-1].text == text:
            since = self._spells.pop().since
            self._spells.append(Spell(text, since, at))
        else:
            self._spells.append(Spell(text, at, at))
        while self._spells[0].until < at - 2 * self._keep_s:
            self._spells.popleft()

    def window(self, seconds: float, end: float) -> tuple[Spell, ...]:
        """Those that were seen in the last `seconds`; where it was not seen at the edge, also what it was before."""
        inside = [spell for spell in self._spells if spell.until > end - seconds]
        before = [spell for spell in self._spells if spell.until <= end - seconds]
        whole = inside and inside[0].since <= end - seconds
        return tuple(inside if whole else (*before[-1:], *inside))
