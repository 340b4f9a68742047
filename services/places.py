"""The console's views and their pages, by name: profiles lead to them, and what leads nowhere can be told without a
screen. `tui/screens/` makes them, and a test holds the two against each other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VIEWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("overview", "queues", "jobs", "locks", "failures", "runs", "api"), ()),
        "database": ("sessions", "blocking", "statements", "tables", "replication"),
        "storage": ("bucket", "arrivals", "settings", "prefixes", "minio"),
        "alerts": ("rules", "history", "silences", "elsewhere"),
        **dict.fromkeys(("flags", "audit", "runbook", "services", "logs", "wall", "checklists", "checklist"), ()),
        **dict.fromkeys(("incidents", "escalation"), ()),
        "records": ("kinds", "drills", "forms", "windows", "reports"),
        **dict.fromkeys(("backups", "elevations", "releases", "retention"), ()),
    }
)


def place(named: str) -> tuple[str, str]:
    """(view, page) of "view" or "view/page"; "" is the page that it shows anyway."""
    view, _, page = named.partition("/")
    return view, page


def wrong(named: str) -> str:
    """What is wrong with a place that somebody named; "" when there is such a place."""
    view, page = place(named)
    if view not in VIEWS:
        return f"there is no view {view!r}; there are {', '.join(VIEWS)}"
    if page and page not in VIEWS[view]:
        pages = ", ".join(VIEWS[view]) or "none"
        return f"the view {view!r} has no page {page!r}; there are {pages}"
    return ""
