"""A notice as it is told outside: one subject line, a few lines of text, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from services.plain import plain
from services.watching.notices import Notice

if TYPE_CHECKING:
    from services.profile import Profile

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Message:
    subject: str  # "[production] fires: SEV2 Job failure rate"
    text: str
    data: dict[str, Any]
    severity: str
    id: str


def message(notice: Notice, profile: Profile) -> Message:
    environment = profile.environment.name
    return Message(
        subject=f"[{environment}] {notice.word}: {notice.title}",
        text="\n".join(_lines(notice, profile)),
        data=_data(notice, profile),
        severity=notice.alert.severity if notice.alert else "",
        id=notice.id,
    )


def _lines(notice: Notice, profile: Profile) -> list[str]:
    alert = notice.alert
    about = [notice.text, f"{profile.title}, {profile.environment.name}, {_time(notice.at)}"]
    if alert is None:
        return about
    action = profile.actions.get(alert.remedy)
    book = profile.runbook.link(profile.name, alert.runbook) or alert.runbook
    facts = (("runbook", book), ("remedy", action.title if action else ""), ("alert", alert.key))
    return about + [f"{name}: {value}" for name, value in facts if value]


def _data(notice: Notice, profile: Profile) -> dict[str, Any]:
    """A contract: keys are added to it, never changed. `id` is the same for the same news, however often it comes."""
    alert = notice.alert
    return {
        "schema": SCHEMA,
        "id": notice.id,
        "at": notice.at,
        "word": notice.word,
        "title": notice.title,
        "text": notice.text,
        "profile": profile.name,
        "environment": profile.environment.name,
        "production": profile.environment.is_production,
        "alert": None
        if alert is None
        else {
            "key": alert.key,
            "rule": alert.rule,
            "labels": dict(alert.labels),
            "title": alert.title,
            "state": alert.state,
            "level": alert.level,
            "severity": alert.severity,
            "value": plain(alert.value),
            "threshold": alert.threshold,
            "since": alert.since,
            "episode": alert.episode,
            "runbook": alert.runbook,
            "runbook_url": profile.runbook.link(profile.name, alert.runbook),
            "remedy": alert.remedy,
            "source": alert.source,
        },
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
