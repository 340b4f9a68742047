"""A console on readings that stand still: fake sources, a clock of its own, and no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Any

from services.clock import Clock
from services.errors import SourceError
from services.profile import Profile, parse
from services.readings import Fault, Values
from services.sources import Built
from tests.samples import HEALTHY, INTERVALS, MONO, NOW
from tui.app import Options, Watchdeck

NOON = NOW


class StillClock:
    """The time at which the samples were read; waiting for it takes for ever."""

    def __init__(self) -> None:
        self.at = 0.0

    def mono(self) -> float:
        return MONO + self.at

    def wall(self) -> float:
        return NOON + self.at

    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(0 if seconds <= 0.3 else 3600)


@dataclass
class FakeSource:
    name: str
    values: Values | Fault
    interval_s: float
    timeout_s: float = 3.0
    asked: int = 0

    async def fetch(self) -> Values:
        self.asked += 1
        if isinstance(self.values, Fault):
            raise SourceError(self.values.kind, self.values.message, self.values.remedy)
        return self.values

    async def close(self) -> None:
        return None


def profile(role: str = "operator") -> Profile:
    text = (resources.files("services") / "profiles" / "mre.toml").read_text()
    return parse(text.replace('default = "operator"', f'default = "{role}"'), "mre.toml")


@dataclass
class Stand:
    """What a test moves: the values of each source, and the clock."""

    values: Mapping[str, Values | Fault] = field(default_factory=lambda: dict(HEALTHY))
    clock: StillClock = field(default_factory=StillClock)
    sources: dict[str, FakeSource] = field(default_factory=dict)

    def build(self, of: Profile, clock: Clock) -> Built:
        for name, values in self.values.items():
            self.sources[name] = FakeSource(name, values, INTERVALS.get(name, 5.0))
        made: Any = MappingProxyType(self.sources)
        return Built(made, MappingProxyType({}))

    def app(self, role: str = "operator", keymap: Mapping[str, str] | None = None, **options: Any) -> Watchdeck:
        return Watchdeck(profile(role), Options(**options), keymap, clock=self.clock, build=self.build)
