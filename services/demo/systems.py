"""The systems that the demo can bring up, by the name of their profile; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.errors import WatchdeckError

if TYPE_CHECKING:
    from services.demo.system import System

SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "mre": "services.demo.mre.system:Mre",
        "treazr-island": "services.demo.treazr.system:TreazrIsland",
        "ingest-api": "services.demo.ingest.system:Ingest",
        "analytics-etl": "services.demo.analytics.system:AnalyticsEtl",
        "jobsheet-qa": "services.demo.jobsheet.system:Jobsheet",
    }
)


def system(name: str) -> type[System]:
    """WatchdeckError when there is none of that name."""
    if name not in SYSTEMS:
        raise WatchdeckError(f"the demo has no system {name!r}", f"there are: {', '.join(SYSTEMS)}")
    module, _, kind = SYSTEMS[name].partition(":")
    found: type[System] = getattr(import_module(module), kind)
    return found
