"""What can go wrong in the demo, by name: what starts it, how one sees that it was repaired, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.demo.mre.scenarios.expiring import EXPIRING
from services.demo.mre.scenarios.jobs import HELD, JOBS
from services.demo.mre.scenarios.keeping import KEEPING
from services.demo.mre.scenarios.means import Means
from services.demo.mre.scenarios.serving import SERVING
from services.demo.mre.scenarios.support import SUPPORT
from services.demo.scenario import Scenario

SCENARIOS: Mapping[str, Scenario[Means]] = MappingProxyType({**JOBS, **SERVING, **KEEPING, **EXPIRING, **SUPPORT})

__all__ = ["HELD", "SCENARIOS", "Means"]
