"""Counting a bucket a few list calls at a time, and knowing its newest object without listing it all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.readings import NO_DATA_YET, Figure, Unknown
from services.sources.s3_client import Object, Page


@dataclass(frozen=True, slots=True)
class Totals:
    """What a complete walk found, and when it ended (monotonic)."""

    objects: int
    bytes: int
    prefixes: tuple[tuple[str, int, int], ...]
    ended: float


class Walk:
    """Goes over all keys again and again: pages are fed to it, it remembers the place and the last complete totals."""

    def __init__(self, prefixes: tuple[str, ...], every_s: float) -> None:
        self._prefixes = prefixes
        self._every_s = every_s
        self.totals: Totals | None = None
        self._before: Totals | None = None
        self._restart()

    def due(self, mono: float) -> bool:
        """Whether there is a page to ask for: mid-way, or the last walk is old enough."""
        return bool(self.token) or self.totals is None or mono - self.totals.ended >= self._every_s

    def feed(self, page: Page, mono: float) -> None:
        for found in page.objects:
            self._add(found)
        self.token = page.token
        if not self.token:
            sums = tuple((prefix, *self._sums[prefix]) for prefix in self._prefixes)
            self._before, self.totals = self.totals, Totals(self.objects, self.bytes, sums, mono)
            self._restart()

    def lost(self) -> None:
        """The store did not accept the place: begin again."""
        self._restart()

    @property
    def growth(self) -> Figure:
        """Bytes a day, between the ends of the last two complete walks; less than 0 when it shrinks."""
        if self.totals is None or self._before is None:
            return Unknown("no data yet", "it takes two complete walks")
        days = (self.totals.ended - self._before.ended) / 86_400
        return (self.totals.bytes - self._before.bytes) / days if days else NO_DATA_YET

    @property
    def progress(self) -> str:
        return f"walking: {self.objects:,} keys so far" if self.token else ""

    def _restart(self) -> None:
        self.token = ""
        self.objects = self.bytes = 0
        self._sums = dict.fromkeys(self._prefixes, (0, 0))

    def _add(self, found: Object) -> None:
        self.objects += 1
        self.bytes += found.size
        for prefix, (count, size) in self._sums.items():
            if found.key.startswith(prefix):
                self._sums[prefix] = (count + 1, size + found.size)


class Newest:
    """The newest object under a prefix, told from what was seen.

    Listing goes by key, not by time. Where everything fits on one page that page tells; beyond that each poll lists
    what comes after the greatest key, which finds objects whose keys grow with time. Others are found by the walk.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.found: Object | None = None
        self.after = ""

    def listed(self, page: Page) -> None:
        if page.token or self.after:
            self.seen(page.objects)
            self.after = max([self.after, *(found.key for found in page.objects)])
        else:
            self.found = max(page.objects, key=lambda found: found.at, default=None)

    def seen(self, objects: Iterable[Object]) -> None:
        for found in objects:
            if found.key.startswith(self.prefix) and (self.found is None or found.at >= self.found.at):
                self.found = found
