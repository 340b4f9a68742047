"""What people did and wrote down, as far as conditions and due timers ask: read from the disk, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from services.actions.journal import Journal
from services.errors import WatchdeckError
from services.records import drill, form, incident_events, report, run, window
from services.records.completion import Completion
from services.records.deploys import Deploy, deploys
from services.records.event import Event
from services.records.run import Run
from services.records.store import Records
from services.text import safe

if TYPE_CHECKING:
    from services.profile import Profile

DEPLOYS = 200

Ended: TypeAlias = Callable[[Sequence[Event]], Completion | None]

# How a record of each kind ended, from its events; None while it has not, or was given up.
ENDS: Mapping[str, Ended] = MappingProxyType(
    {
        "run": run.completion,
        "report": report.completion,
        "drill": drill.completion,
        "form": form.completion,
        "window": window.completion,
        "incident": incident_events.completion,
    }
)


@dataclass(frozen=True, slots=True)
class Deed:
    """The last time that an action was done."""

    action: str
    at: float  # unix seconds
    by: str


@dataclass(frozen=True, slots=True)
class Kept:
    """`no_deeds` and `no_records` say why the one or the other cannot be told; then nothing is known of them."""

    deeds: Mapping[str, Deed] = field(default_factory=lambda: MappingProxyType({}))  # by action
    ended: Mapping[str, Completion] = field(default_factory=lambda: MappingProxyType({}))  # the newest, by its `of`
    passed: Mapping[str, Completion] = field(default_factory=lambda: MappingProxyType({}))  # of those that passed
    runs: tuple[Run, ...] = ()  # the newest first
    deploys: tuple[Deploy, ...] = ()  # the newest first
    no_deeds: str = ""
    no_records: str = ""

    def under_way(self, procedure: str) -> Run | None:
        """The run of it that can be gone on with; the newest, where there are several."""
        return next((run for run in self.runs if run.of == procedure and not run.ended and not run.drill), None)

    def find(self, record: str) -> Run | None:
        return next((run for run in self.runs if run.id == record), None)


UNREAD = Kept(no_deeds="the record of actions has not been read yet", no_records="the records have not been read yet")


def stamp(profile: Profile) -> tuple[object, ...]:
    """The same for as long as there is nothing new to be read; it waits for the disk."""
    path = Journal.of(profile).path
    try:
        found = path.stat() if path.exists() else None
        return found and (found.st_mtime_ns, found.st_size), Records.of(profile).newest()
    except (OSError, WatchdeckError):
        return (object(),)  # like no other: it is tried again each time


def read(profile: Profile) -> Kept:
    """Waits for the disk. Never raises: what cannot be read is not known, and says why."""
    kept = Kept()
    try:
        kept = replace(kept, deeds=MappingProxyType(_deeds(Journal.of(profile))))
    except WatchdeckError as error:
        kept = replace(kept, no_deeds=safe(error.message, 200))
    try:
        records = Records.of(profile)
        ends, runs = _records(records)
        passed, seen = _newest(end for end in ends if end.passed), tuple(reversed(deploys(records)))
        return replace(kept, ended=_newest(ends), passed=passed, runs=runs, deploys=seen[:DEPLOYS])
    except WatchdeckError as error:
        return replace(kept, no_records=safe(error.message, 200))


def _deeds(journal: Journal) -> dict[str, Deed]:
    actors: dict[str, str] = {}
    found: dict[str, Deed] = {}
    for record in journal.records():
        if record["kind"] == "intent":
            actors[record["id"]] = safe(record.get("actor", ""), 80)
        elif record.get("word") == "done":
            action = str(record.get("action", ""))
            found[action] = Deed(action, float(record.get("wall", 0.0)), actors.get(record["id"], ""))
    return found


def _records(records: Records) -> tuple[list[Completion], tuple[Run, ...]]:
    by_kind = {kind: records.all(kind) for kind in ENDS}
    runs = tuple(run.folded(events) for events in by_kind["run"].values())
    ends = (ENDS[kind](events) for kind, found in by_kind.items() for events in found.values())
    return [end for end in ends if end], runs


def _newest(ends: Iterable[Completion]) -> Mapping[str, Completion]:
    found: dict[str, Completion] = {}
    for end in ends:
        if end.of not in found or end.at > found[end.of].at:
            found[end.of] = end
    return MappingProxyType(found)
