"""A watch under a test's hands: readings and time are given to it one by one, and its notices are heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from services.alerts import Alert
from services.profile import Profile, parse
from services.readings import Fault, Figure, NamedFigure, NamedValues, Reading
from services.state import State
from services.watching.notices import Notice
from services.watching.watch import Watch

WALL = 1_700_000_000.0  # a Tuesday, 22:13 UTC
INTERVAL = 2.0
HEAD = """
schema = 1
name = "test"
title = "Test"
[sources.a]
kind = "http"
url = "http://127.0.0.1:1"
paths = ["/"]
interval = "2s"
severity = "SEV1"
"""
OTHER = '[sources.b]\nkind = "http"\nurl = "http://127.0.0.1:1"\npaths = ["/"]\ninterval = "2s"\n'
SLOW, QUICK = 9.0, 1.0
REFUSED = Fault("unreachable", "connection refused")


def rule(name: str = "slow", **more: object) -> str:
    """A table of a rule that holds above 5, for 10 s, on figures.x of the source a."""
    table = {"title": name.title(), "source": "a", "figure": "figures.x", "value": 5, "for": "10s", "severity": "SEV2"}
    lines = (f"{key} = {_toml(value)}" for key, value in {**table, **more}.items() if value is not None)
    return f"[rules.{name}]\n" + "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(of)}" for key, of in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@dataclass
class Hand:
    """A clock that only a test moves."""

    at: float = 1000.0
    offset: float = WALL - 1000.0

    def mono(self) -> float:
        return self.at

    def wall(self) -> float:
        return self.at + self.offset

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


def profile(*tables: str) -> Profile:
    return parse(HEAD + "\n".join(tables), "test.toml")


@dataclass
class Bench:
    profile: Profile
    clock: Hand = field(default_factory=Hand)
    path: Path | None = None  # of the state file
    heard: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A console starts."""
        self.watch = Watch(self.profile, self.clock)
        if self.path:
            state = State.open(self.path, self.clock.wall)
            self.watch.past.restore(*state.spans())
            self.watch.restore(state)
        self.watch.listen(self.hear)

    def hear(self, notices: tuple[Notice, ...]) -> None:
        """As the courier does: what has arrived is not sent again."""
        for notice in notices:
            if not self.watch.state.known(notice.id, "test"):
                self.watch.state.mark(notice.id, "test")
                self.heard.append(notice)

    def restart(self, after: float = 3.0) -> None:
        """The console is killed, and started again some time later. Its monotonic clock may mean anything then."""
        self.watch.state.close()
        self.clock.offset += self.clock.at - 50.0 + after
        self.clock.at = 50.0
        self.begin()

    def read(self, *figures: Figure | Fault | dict[str, Figure], source: str = "a", after: float = INTERVAL) -> str:
        """Readings one after the other; the states of the rule after each, by their first letters."""
        states = []
        for found in figures:
            self.clock.at += after
            fault = found if isinstance(found, Fault) else None
            values = None if fault else NamedValues("test", _figures(found))
            self.watch.take(Reading(source, self.clock.wall(), self.clock.at, 0.1, INTERVAL, values, fault))
            states += [alert.state[0] for alert in self.watch.alerts if alert.rule in self.profile.rules][:1]
        return "".join(states)

    def wait(self, seconds: float) -> Alert:
        self.clock.at += seconds
        self.watch.tick()
        return self.alert()

    def alert(self, key: str = "slow") -> Alert:
        found = self.watch.alerts.get(key)
        assert found is not None, f"no {key} among {list(self.watch.alerts.by_key)}"
        return found

    @property
    def words(self) -> list[str]:
        """What was told since the last time: "fires Slow"."""
        told, self.heard[:] = [f"{n.word} {n.alert.title if n.alert else n.text}" for n in self.heard], []
        return told


def _figures(found: object) -> tuple[NamedFigure, ...]:
    pairs: Iterable[tuple[str, Figure]] = found.items() if isinstance(found, dict) else [("", found)]  # type: ignore[list-item]
    return tuple(NamedFigure("x", value, labels=(("type", name),) if name else ()) for name, value in pairs)
