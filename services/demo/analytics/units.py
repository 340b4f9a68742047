"""What stands for systemd, which runs in no demo: the units are real processes, started, watched and ended by this."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from services.demo.analytics.journal import ERROR, INFO, Journal
from services.errors import WatchdeckError


class Service(Protocol):
    """What a unit starts."""

    def start(self) -> None:
        """Returns when it serves. WatchdeckError when it does not."""
        ...

    def stop(self) -> None: ...

    @property
    def pid(self) -> int | None:
        """None: it does not run."""
        ...


@dataclass
class Unit:
    name: str
    description: str
    service: Service
    journal: Journal
    active: str = "inactive"
    sub: str = "dead"
    result: str = "success"
    invocation: str = ""
    entered: float = 0.0  # when it was last active, wall clock
    changed: float = 0.0
    changed_mono: float = 0.0

    def become(self, active: str, sub: str, result: str = "success") -> None:
        self.active, self.sub, self.result = active, sub, result
        self.changed, self.changed_mono = time.time(), time.monotonic()

    def start(self) -> str:
        """Why it could not be; empty when it could."""
        if self.active == "active":
            return ""
        self.invocation = uuid.uuid4().hex
        try:
            self.service.start()
        except WatchdeckError as error:
            self.become("failed", "failed", "exit-code")
            self.journal.say(f"{self.name}.service: Failed with result 'exit-code'.", ERROR)
            return f"Job for {self.name}.service failed: {error.message.splitlines()[0]}"
        self.become("active", "running")
        self.entered = self.changed
        self.journal.say(f"Started {self.name}.service - {self.description}.", INFO)
        return ""

    def stop(self) -> str:
        self.service.stop()
        self.become("inactive", "dead")
        self.invocation = ""
        self.journal.say(f"Stopped {self.name}.service - {self.description}.", INFO)
        return ""

    def restart(self) -> str:
        self.stop()
        return self.start()

    def look(self) -> None:
        """Whether it has died meanwhile."""
        if self.active == "active" and self.service.pid is None:
            self.become("failed", "failed", "signal")
            self.journal.say(f"{self.name}.service: Main process exited, code=killed, status=9/KILL", ERROR)
            self.journal.say(f"{self.name}.service: Failed with result 'signal'.", ERROR)

    def told(self) -> Mapping[str, str]:
        pid = self.service.pid
        return {
            "Id": f"{self.name}.service",
            "Names": f"{self.name}.service",
            "Description": self.description,
            "LoadState": "loaded",
            "ActiveState": self.active,
            "SubState": self.sub,
            "Result": self.result,
            "NRestarts": "0",
            "MainPID": str(pid or 0),
            "MemoryCurrent": _resident(pid) if pid else "[not set]",
            "InvocationID": self.invocation,
            "ActiveEnterTimestamp": _moment(self.entered),
            "StateChangeTimestamp": _moment(self.changed),
            "StateChangeTimestampMonotonic": str(round(self.changed_mono * 1e6)),
        }


@dataclass
class Units:
    """All of them. Serves several threads, one at a time."""

    units: dict[str, Unit]
    _one: threading.RLock = field(default_factory=threading.RLock)

    def do(self, verb: str, name: str) -> str:
        """What went wrong; empty when nothing did."""
        with self._one:
            unit = self.units.get(_bare(name))
            if unit is None:
                return f"Failed to {verb} {name}: Unit {name} not found."
            verbs: Mapping[str, Callable[[], str]] = {"start": unit.start, "stop": unit.stop, "restart": unit.restart}
            return verbs[verb]() if verb in verbs else f"Unknown command verb {verb}."

    def watch(self) -> None:
        with self._one:
            for unit in self.units.values():
                unit.look()

    def show(self, names: Sequence[str], properties: Sequence[str]) -> str:
        """As `systemctl show` prints it."""
        self.watch()
        with self._one:
            blocks = [self._told(name) for name in names]
        kept = [{key: told[key] for key in told if not properties or key in properties} for told in blocks]
        return "\n\n".join("\n".join(f"{key}={value}" for key, value in told.items()) for told in kept) + "\n"

    def is_active(self, name: str) -> bool:
        self.watch()
        return self.units[name].active == "active"

    def _told(self, name: str) -> Mapping[str, str]:
        unit = self.units.get(_bare(name))
        lost = {"Id": f"{_bare(name)}.service", "LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead"}
        return unit.told() if unit else lost


def _bare(name: str) -> str:
    return name.removesuffix(".service")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC") if at else ""


def _resident(pid: int) -> str:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return str(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    return "[not set]"
