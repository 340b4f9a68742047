"""What an incident still lacks before it can be closed: what its table in the profile demands, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.records.incident import Incident

if TYPE_CHECKING:
    from services.profile import IncidentRecord

Lack = Callable[[Incident], Iterator[str]]


def missing(incident: Incident, record: IncidentRecord) -> tuple[str, ...]:
    """One line per thing, in words for whoever wants to close it; empty: it can be closed."""
    found = [line for demand in record.demands for line in _LACKS[demand](incident)]
    if incident.under_way:
        found.insert(0, f"state: it is {incident.state}, not resolved")
    return tuple(found)


def _timeline(incident: Incident) -> Iterator[str]:
    """The timeline writes itself; that nobody said anything while it went on is what would be missing."""
    if not (incident.notes or incident.updates or incident.acknowledged):
        yield "timeline: nobody has noted, acknowledged or told anything: add a note"


def _root_cause(incident: Incident) -> Iterator[str]:
    if not incident.texts.get("root-cause", "").strip():
        yield "root cause: it is not written"


def _prevention(incident: Incident) -> Iterator[str]:
    if not incident.prevention:
        yield "prevention: there is not one action"


def _owners(incident: Incident) -> Iterator[str]:
    for one in incident.prevention:
        if not one.owner.strip():
            yield f"owners: prevention {one.number} has none"


def _due_dates(incident: Incident) -> Iterator[str]:
    for one in incident.prevention:
        if not one.due:
            yield f"due dates: prevention {one.number} has none"


def _severity(incident: Incident) -> Iterator[str]:
    if not incident.severity:
        yield "severity: it has none"


def _scope(incident: Incident) -> Iterator[str]:
    if not incident.texts.get("scope", "").strip():
        yield "scope: it is not said what is affected"


_LACKS: Mapping[str, Lack] = MappingProxyType(
    {
        "timeline": _timeline,
        "root-cause": _root_cause,
        "prevention": _prevention,
        "owners": _owners,
        "due-dates": _due_dates,
        "severity": _severity,
        "scope": _scope,
    }
)
