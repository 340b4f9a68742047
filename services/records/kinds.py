"""The records of a profile by their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from services.profile import IncidentRecord, Profile

T = TypeVar("T")


def records_of(profile: Profile, kind: type[T]) -> dict[str, T]:
    """By id, in the profile's order."""
    return {name: record for name, record in profile.records.items() if isinstance(record, kind)}


def incident_id(profile: Profile) -> str:
    """What incidents are `of`: the first that the profile has, or "incident"."""
    return next((name for name, record in profile.records.items() if record.kind == "incident"), "incident")


def incident_record(profile: Profile, of: str = "") -> IncidentRecord:
    """Of this id, or the first. A profile that has none can have incidents all the same: with its severity words,
    and with what is demanded anywhere."""
    from services.profile import IncidentRecord

    known = records_of(profile, IncidentRecord)
    found = known.get(of) or next(iter(known.values()), None)
    return found or IncidentRecord(kind="incident", title="Incident")
