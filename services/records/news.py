"""The records as somebody sees them who looks again and again: only what is new is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from services.records.event import Event
from services.records.store import Records


class News:
    """`look` waits for the disk; what it has found stays as it is until the next time."""

    def __init__(self, records: Records, kinds: Collection[str]) -> None:
        self.events: Mapping[str, tuple[Event, ...]] = MappingProxyType({})  # by record
        self._records = records
        self._kinds = frozenset(kinds)
        self._newest = 0

    def look(self) -> bool:
        """Whether there was anything new. WatchdeckError when the file cannot be read."""
        found = self._records.after(self._newest)
        if not found:
            return False
        self._newest = found[-1].number
        events = dict(self.events)
        for event in found:
            if event.record.partition("-")[0] in self._kinds:
                events[event.record] = (*events.get(event.record, ()), event)
        self.events = MappingProxyType(events)
        return True

    def of(self, kind: str) -> dict[str, tuple[Event, ...]]:
        """Every record of this kind, the newest first."""
        found = [(record, events) for record, events in self.events.items() if record.startswith(f"{kind}-")]
        return dict(reversed(found))
