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
        "storage": "tui.screens.simple:Storage",
        "alerts": "tui.screens.alerts:Alerts",
        "flags": "tui.screens.simple:Flags",
        "audit": "tui.screens.simple:Audit",
        "runbook": "tui.screens.runbook:Runbook",
        "services": "tui.screens.services:Services",
        "logs": "tui.screens.logs:Logs",
        "wall": "tui.screens.wall:Wall",
    }
)


def make(view: str) -> ViewScreen:
    module, name = SCREENS[view].split(":")
    screen: ViewScreen = getattr(import_module(module), name)()
    return screen
