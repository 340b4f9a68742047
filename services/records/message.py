"""A message to those who wait for news of an incident: a template filled in with what is known, and nothing guessed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.records.incident import Incident
from services.records.timers import next_update

if TYPE_CHECKING:
    from services.profile import IncidentRecord

UNKNOWN = "not known yet"
FIELDS = ("title", "severity", "state", "scope", "started", "impact", "unaffected", "workaround", "next_update")
PLACE = re.compile(r"\{([A-Za-z_]+)\}")
# for a profile that has none: what is impacted and what is not, each said
TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "update": "{severity} {title} ({state}), since {started}\nImpacted: {impact}\nNot impacted: {unaffected}\n"
        "Until then: {workaround}\nNext update: {next_update}"
    }
)


def templates(record: IncidentRecord) -> Mapping[str, str]:
    return record.templates or TEMPLATES


def filled(template: str, incident: Incident, record: IncidentRecord, now: float) -> str:
    """The message as it would be sent now. It may have several lines; every one is safe to show."""
    known = _known(incident, record, now)
    return PLACE.sub(lambda found: known[found[1]] or UNKNOWN if found[1] in known else found[0], template)


def lacking(template: str, incident: Incident) -> tuple[str, ...]:
    """The fields of the template that nobody has written yet."""
    used = {found[1] for found in PLACE.finditer(template)}
    return tuple(
        name for name in ("scope", "impact", "unaffected", "workaround") if name in used and not _text(incident, name)
    )


def clock(at: float) -> str:
    """ "2026-01-31 14:05 UTC": those who read it may be anywhere."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))


def _known(incident: Incident, record: IncidentRecord, now: float) -> dict[str, str]:
    due = next_update(incident, record.severities, now)
    news = "when there is news" if incident.under_way else "none is planned"
    return {
        "title": incident.title,
        "severity": incident.severity,
        "state": incident.state,
        "started": clock(incident.began_at),
        "next_update": clock(due) if due is not None and incident.under_way else news,
        **{name: _text(incident, name) for name in ("scope", "impact", "unaffected", "workaround")},
    }


def _text(incident: Incident, name: str) -> str:
    return incident.texts.get(name, "").strip()
