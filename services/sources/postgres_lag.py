"""How long somebody has been behind, from where the end of the WAL was at each poll.

What the server itself says of that stands still when it matters: with the replay paused, a primary goes on telling the
last small lag that it measured. Positions in the WAL do not lie.
"""

from __future__ import annotations

from collections import deque

from services.readings import AtLeast, Estimate, Figure, Unknown

KEPT = 720  # positions: an hour of polls every 5 s


class Positions:
    """Where the WAL ended, and when: by the database's clock, so that no two clocks are compared."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=KEPT)

    @property
    def empty(self) -> bool:
        return not self._seen

    def saw(self, at: float, end: int) -> None:
        if self._seen and (end < self._seen[-1][1] or at < self._seen[-1][0]):
            self._seen.clear()  # another server, or its clock was set: the past is not comparable
        self._seen.append((at, end))

    def behind(self, replayed: int, now: float) -> tuple[float, float | None]:
        """At least and at most how old the oldest WAL is that has not been replayed; None: nobody knows."""
        reached = [at for at, end in self._seen if end <= replayed]
        ahead = [at for at, end in self._seen if end > replayed]
        least = now - ahead[0] if ahead else 0.0
        return max(0.0, least), max(0.0, now - reached[-1]) if reached else None

    def lag(self, replayed: int, now: float, told: float | None) -> Figure:
        """The lag of somebody who is behind: what the server tells, held between what the positions prove."""
        least, most = self.behind(replayed, now)
        if most is None and least < 1:
            return Unknown("no data yet", "it is behind; since when is known from the next poll on")
        if most is None:
            return AtLeast(int(max(least, told or 0.0)))
        return Estimate(most) if told is None else min(max(told, least), most)
