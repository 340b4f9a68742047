"""What can go wrong in the demo, by name: what starts it, how one sees that it was repaired, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.demo.scenarios.jobs import HELD, JOBS
from services.demo.scenarios.keeping import KEEPING
from services.demo.scenarios.means import Means, Scenario
from services.demo.scenarios.serving import SERVING

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({**JOBS, **SERVING, **KEEPING})

__all__ = ["HELD", "SCENARIOS", "Means", "Scenario"]
