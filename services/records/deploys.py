"""Deploys, as far as versions are told: each change of one that was seen is an event of `deploys-SOURCE`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.errors import WatchdeckError
from services.readings import HealthValues, Reading
from services.records.body import line
from services.records.event import Event
from services.records.store import Records
from services.releases import changed

if TYPE_CHECKING:
    from services.profile import Profile

KIND, SEEN = "deploys", "seen"
BY = "watchdeck"


@dataclass(frozen=True, slots=True)
class Deploy:
    """`before` is "" where nothing was known: it was there when somebody began to look."""

    at: float  # unix seconds: when it was read
    source: str
    path: str
    before: str
    after: str


def deploys(records: Records) -> tuple[Deploy, ...]:
    """All that were seen, oldest first."""
    return tuple(sorted(_noted(records), key=lambda one: one.at))


def _noted(records: Records) -> tuple[Deploy, ...]:
    """Of each source in the order in which they were noted, whatever the clock was set to."""
    return tuple(_deploy(event) for events in records.all(KIND).values() for event in events if event.what == SEEN)


def _deploy(event: Event) -> Deploy:
    source = line(event, "source")
    return Deploy(event.at, source, line(event, "path"), line(event, "before"), line(event, "after"))


class Deploys:
    """`take` never waits; what it has found is written by `run`, and only while this console keeps the state."""

    def __init__(self, profile: Profile, keeps: Callable[[], bool], say: Callable[[str], None]) -> None:
        self._profile = profile
        self._records = Records.of(profile)
        self._keeps = keeps
        self._say = say
        self._known: dict[tuple[str, str], str] | None = None  # None: what was known before is not read yet
        self._next: dict[tuple[str, str], str] = {}  # seen once
        self._found: asyncio.Queue[Deploy] = asyncio.Queue()

    def take(self, reading: Reading) -> None:
        """A version counts when it was read twice: while a rollout is half done, instances answer in turn."""
        if self._known is None:
            return
        for name, version in self._versions(reading):
            where = (reading.source, name)
            known = self._known.get(where)
            if not version or version == known:
                self._next.pop(where, None)
            elif known is None or self._next.get(where) == version:
                self._known[where] = version
                self._found.put_nowait(Deploy(reading.at, *where, known or "", version))
            else:
                self._next[where] = version

    def _versions(self, reading: Reading) -> Iterable[tuple[str, str]]:
        """What the endpoints of a service say they are, or the instances of a release."""
        if isinstance(reading.values, HealthValues):
            return [(check.path, check.version) for check in reading.values.checks]
        return changed(self._profile, reading.source, reading.values)

    async def run(self) -> None:
        """Until it is cancelled. That it cannot be written is said once."""
        said = ""
        while True:
            try:
                if self._known is None:
                    self.learn(await asyncio.to_thread(_noted, self._records))
                deploy = await self._found.get()
                if self._keeps():
                    await asyncio.to_thread(self._write, deploy)
            except WatchdeckError as error:
                if error.message != said:
                    self._say(f"deploys are not noted: {error.message}")
                said = error.message
                if self._known is None:
                    return

    def learn(self, found: Iterable[Deploy]) -> None:
        self._known = {(one.source, one.path): one.after for one in found}

    def _write(self, one: Deploy) -> None:
        body = {"source": one.source, "path": one.path, "before": one.before, "after": one.after}
        self._records.append(f"{KIND}-{one.source}", SEEN, BY, one.at, body)
