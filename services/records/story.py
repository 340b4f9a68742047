"""Everything there is to tell of an incident, read from the disk: what an export has and a screen shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from services.actions.entries import joined as audited
from services.actions.journal import Journal
from services.errors import RecordError, WatchdeckError
from services.readings import AuditEntry
from services.records import run, timeline
from services.records.deploys import deploys
from services.records.event import Event
from services.records.incident import Incident
from services.records.incident_events import incident
from services.records.kinds import incident_record
from services.records.moment import Moment
from services.records.run import Run
from services.records.store import Records
from services.records.timeline import BEFORE_S
from services.records.timer import Timer
from services.records.timers import timers
from services.state.file import path_of
from services.state.turns import turns
from services.text import safe
from services.watching.transitions import Transition

if TYPE_CHECKING:
    from services.profile import IncidentRecord, Profile

T = TypeVar("T")


@dataclass(frozen=True)
class Story:
    """`unread`: what could not be read, and why; nothing is missing silently."""

    incident: Incident
    record: IncidentRecord
    system: str
    environment: str
    at: float  # unix seconds: when it was told
    timers: tuple[Timer, ...]
    moments: tuple[Moment, ...]
    actions: tuple[AuditEntry, ...]
    runs: tuple[Run, ...]
    unread: tuple[str, ...] = ()


def story(profile: Profile, id_: str, now: float, heard: Iterable[Transition] = ()) -> Story:
    """`heard`: transitions that may not be in the file yet. RecordError where there is no such incident. It waits
    for the disk: use a thread."""
    records = Records.of(profile)
    events = records.events(id_)
    if not events or not id_.startswith("incident-"):
        raise RecordError(f"there is no incident {safe(id_, 60)!r}", "`watchdeck incident list` has them")
    found = incident(events)
    record = incident_record(profile, found.of)
    telling = _Telling(profile, records, found, now)
    moments = telling.moments(events, heard)
    return Story(
        found,
        record,
        profile.title,
        profile.environment.name,
        now,
        timers(found, record.severities),
        moments,
        telling.actions,
        telling.runs,
        tuple(telling.unread),
    )


class _Telling:
    """What happened from its beginning to its end, and who cannot be asked."""

    def __init__(self, profile: Profile, records: Records, of: Incident, now: float) -> None:
        self.unread: list[str] = []
        self._profile = profile
        self._incident = of
        self._since, self._until = of.began_at, of.since("closed") or now
        self.actions = self._or_say("actions", self._actions)
        self._run_events = self._or_say("runs", lambda: self._runs(records))
        self.runs = tuple(map(run.folded, self._run_events))
        self._deploys = self._or_say("deploys", lambda: deploys(records))

    def moments(self, events: Sequence[Event], heard: Iterable[Transition]) -> tuple[Moment, ...]:
        """As it was frozen when it was closed, and what was said in it since."""
        closed = self._incident.since("closed")
        own = tuple(timeline.of_events(events))
        if closed is not None and self._incident.timeline:
            frozen = tuple(timeline.thawed(self._incident.timeline))
            there = {moment.at for moment in frozen if moment.kind == "incident"}  # by time: words change with releases
            return timeline.joined((*frozen, *(moment for moment in own if moment.at not in there)))
        path = path_of(self._profile)
        kept = self._or_say("alerts", lambda: turns(path, self._since, self._until))
        news = [turn for turn in heard if self._since <= turn.at <= self._until]
        around = [one for one in self._deploys if self._since - BEFORE_S <= one.at <= self._until]
        rules = {id_: (rule.title, rule.counted_in) for id_, rule in self._profile.rules.items()}
        ticks = [moment for found in self._run_events for moment in timeline.of_run(found)]
        return timeline.joined(
            (
                *own,
                *timeline.of_turns((*kept, *news), self._incident, rules),
                *timeline.of_actions(self.actions),
                *(moment for moment in ticks if self._since <= moment.at <= self._until),
                *timeline.of_deploys(around),
            )
        )

    def _actions(self) -> tuple[AuditEntry, ...]:
        """Oldest first."""
        found = audited(Journal.of(self._profile).records())
        return tuple(entry for entry in reversed(found) if self._since <= entry.at <= self._until)

    def _runs(self, records: Records) -> tuple[Sequence[Event], ...]:
        """Those that were linked, and those that somebody was at meanwhile."""
        return tuple(
            events
            for id_, events in records.all(run.KIND).items()
            if id_ in self._incident.runs or any(self._since <= event.at <= self._until for event in events)
        )

    def _or_say(self, what: str, read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        try:
            return read()
        except WatchdeckError as error:
            self.unread.append(f"{what}: {safe(error.message, 200)}")
            return ()
