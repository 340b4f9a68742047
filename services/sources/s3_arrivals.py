"""What should keep arriving below a prefix, told from listings: the newest, its size, and those before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from statistics import median

from services.profile.sources.s3 import Expected
from services.readings import NOT_CONFIGURED, Arrival, Estimate, Fault, Figure, Unknown
from services.sources.s3_client import Object, Page
from services.sources.s3_faults import unknown
from services.text import safe

KEPT = 30  # of the newest; the usual size comes from the last BEFORE of them
BEFORE = 7
_ALONE = Unknown("no data yet", "there is nothing before it to compare it with")


@dataclass(frozen=True, slots=True)
class _One:
    """An object, or everything in a folder."""

    name: str
    bytes: int
    at: float  # of its newest object


class Arriving:
    """Pages are fed to it in key order.

    What one poll can list whole is listed anew by each. Beyond that it goes on after the greatest key it has met: names
    that grow with time, as those of archived WAL, are then followed at the cost of what is new.
    """

    def __init__(self, name: str, expected: Expected) -> None:
        self._name = name
        self._expected = expected
        self.prefix = expected.prefix
        self._newest: dict[str, _One] = {}
        self._count = 0
        self._greatest = ""  # of the keys that were met
        self._last = ""  # what the last key belonged to
        self._following = False
        self._ended = False  # the last key was reached at least once

    def begin(self) -> None:
        """A poll starts to list."""
        if not self._following:
            self._begin()

    @property
    def after(self) -> str:
        """The key after which the poll's listing starts."""
        return self._greatest if self._following else ""

    def feed(self, page: Page) -> None:
        for found in page.objects:
            self._add(found)
        self._greatest = max([self._greatest, *(found.key for found in page.objects)])
        if len(self._newest) > KEPT:
            self._newest = {one.name: one for one in self._by_age()[:KEPT]}

    def end(self, reached: bool) -> None:
        """The poll lists no further: the last key was `reached`, or its calls or its time are used up."""
        self._ended = self._ended or reached
        self._following = self._following or not reached

    def values(self, now: float, fault: Fault | None) -> Arrival:
        if fault is not None:
            return self._without(unknown(fault), fault)
        if not self._ended:
            return self._without(Unknown("no data yet", f"listing: {self._count:,} so far"), None)
        if not self._newest:
            nothing = self._without(Unknown("no data yet", f"nothing is below {safe(self.prefix, 200)}"), None)
            return replace(nothing, count=0, overdue=1)
        newest, *before = self._by_age()
        age = max(0.0, now - newest.at)
        share = _share(newest, before[:BEFORE])
        return Arrival(
            name=safe(self._name, 100),
            prefix=safe(self.prefix, 200),
            count=Estimate(self._count) if self._following else self._count,  # what is deleted later is not noticed
            newest=safe(self.prefix + newest.name, 1024),
            age_s=age,
            bytes=newest.bytes,
            size_share=share,
            overdue=int(age > self._expected.every),
            shrunken=self._shrunken(newest, share),
        )

    def _begin(self) -> None:
        """Nothing is known."""
        self._newest.clear()
        self._count = 0
        self._greatest = self._last = ""

    def _add(self, found: Object) -> None:
        rest = found.key[len(self.prefix) :]
        if not rest or rest.endswith("/") or not fnmatchcase(rest, self._expected.match):
            return
        first, slash, _ = rest.partition("/")
        name = first + slash
        self._count += name != self._last
        self._last = name
        known = self._newest.get(name, _One(name, 0, found.at))
        self._newest[name] = _One(name, known.bytes + found.size, max(known.at, found.at))

    def _by_age(self) -> list[_One]:
        """The newest first; of one second, which is all that a store tells, the one whose name comes last."""
        return sorted(self._newest.values(), key=lambda one: (one.at, one.name), reverse=True)

    def _shrunken(self, newest: _One, share: float | Unknown) -> Figure:
        if not self._expected.min_share:
            return NOT_CONFIGURED
        if not newest.bytes:
            return 1
        return share if isinstance(share, Unknown) else int(share < self._expected.min_share)

    def _without(self, why: Unknown, fault: Fault | None) -> Arrival:
        name, prefix = safe(self._name, 100), safe(self.prefix, 200)
        return Arrival(name, prefix, why, "", why, why, why, why, why, fault)


def _share(newest: _One, before: list[_One]) -> float | Unknown:
    usual = median(one.bytes for one in before) if before else 0
    return newest.bytes / usual if usual else _ALONE
