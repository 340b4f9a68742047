"""Who starts scenarios in a running stack, notices that they are repaired, and knows how each stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.demo.control import ScenarioState
from services.demo.scenario import Scenario
from services.errors import WatchdeckError


@dataclass
class Director:
    """Serves several threads: one thing happens at a time."""

    scenarios: Mapping[str, Scenario[Any]]
    means: Any  # what the system's scenarios ask for
    _stands: dict[str, tuple[str, float]] = field(default_factory=dict)
    _one: threading.RLock = field(default_factory=threading.RLock)

    def state(self, name: str) -> ScenarioState:
        """WatchdeckError when there is no such scenario."""
        if name not in self.scenarios:
            raise WatchdeckError(f"no scenario is named {name!r}", f"there are: {', '.join(self.scenarios)}")
        stands, since = self._stands.get(name, ("off", None))
        scenario = self.scenarios[name]
        return ScenarioState(name, scenario.title, scenario.help, stands, since)

    def states(self) -> list[ScenarioState]:
        return [self.state(name) for name in self.scenarios]

    def start(self, name: str) -> ScenarioState:
        with self._one:
            if self.state(name).state != "on":
                self.scenarios[name].start(self.means)
                self._stands[name] = ("on", time.time())
            return self.state(name)

    def repair(self, name: str) -> ScenarioState:
        with self._one:
            if self.state(name).state == "on":
                self.scenarios[name].repair(self.means)
                self._end(name)
            return self.state(name)

    def watch(self) -> None:
        """Ends every scenario that the operator has repaired."""
        with self._one:
            for name, (stands, _) in list(self._stands.items()):
                if stands == "on" and self.scenarios[name].repaired(self.means):
                    self._end(name)

    def _end(self, name: str) -> None:
        self.scenarios[name].end(self.means)
        self._stands[name] = ("repaired", time.time())
