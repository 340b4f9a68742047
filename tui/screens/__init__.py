"""One file per view, layout only; and the table of them. A class is imported when it is first looked at."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from tui.screens.view import ViewScreen

SCREENS: Mapping[str, str] = MappingProxyType(
    {
        "overview": "tui.screens.overview:Overview",
        "queues": "tui.screens.queues:Queues",
        "jobs": "tui.screens.jobs:Jobs",
        "locks": "tui.screens.locks:Locks",
        "failures": "tui.screens.failures:Failures",
        "runs": "tui.screens.simple:Runs",
        "api": "tui.screens.api:Api",
        "database": "tui.screens.database:Database",
        "storage": "tui.screens.storage:Storage",
        "alerts": "tui.screens.alerts:Alerts",
        "flags": "tui.screens.simple:Flags",
        "audit": "tui.screens.simple:Audit",
        "runbook": "tui.screens.runbook:Runbook",
        "services": "tui.screens.services:Services",
        "logs": "tui.screens.logs:Logs",
        "elevations": "tui.screens.elevations:Elevations",
        "retention": "tui.screens.retention:Retention",
        "backups": "tui.screens.backups:Backups",
        "releases": "tui.screens.releases:Releases",
        "checklists": "tui.screens.checklists:Checklists",
        "checklist": "tui.screens.checklist:Checklist",
        "incidents": "tui.screens.incidents:Incidents",
        "records": "tui.screens.records:Records",
        "escalation": "tui.screens.escalation:Escalation",
        "wall": "tui.screens.wall:Wall",
    }
)

# The pages of a view, in their order, and the words for what is on them that somebody may look for.
PAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "database": {
            "sessions": ("connections", "server"),
            "blocking": ("waits", "lock waits"),
            "statements": ("slow queries", "pg_stat_statements"),
            "tables": ("vacuum", "bloat", "disk"),
            "replication": ("standbys", "lag", "archiving", "pools", "pgbouncer"),
        },
        "storage": {
            "bucket": ("latency", "capacity", "probes", "s3"),
            "arrivals": ("wal", "newest object"),
            "settings": ("encryption", "versioning", "lifecycle", "object lock", "uploads"),
            "prefixes": ("sizes",),
            "minio": ("drives", "nodes", "quorum"),
        },
        "alerts": {
            "rules": ("firing",),
            "history": ("transitions",),
            "silences": ("maintenance",),
            "elsewhere": ("prometheus alerts", "alertmanager"),
        },
        "records": {
            "kinds": ("due", "begin one"),
            "drills": ("disaster recovery", "stopwatch"),
            "forms": ("launches", "logbook", "handover", "shift"),
            "windows": ("maintenance", "planned work"),
            "reports": ("evidence", "verification"),
        },
    }
)


def make(view: str) -> ViewScreen:
    module, name = SCREENS[view].split(":")
    screen: ViewScreen = getattr(import_module(module), name)()
    return screen
