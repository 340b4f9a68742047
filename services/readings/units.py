"""What a service manager says of its units and timers."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure

WELL = ("active", "reloading")


@dataclass(frozen=True, slots=True)
class Unit:
    """`name` is without `.service`; `unit` is what systemctl calls it."""

    name: str
    unit: str
    description: str
    load: str  # loaded, not-found, masked, bad-setting, error
    state: str  # active, reloading, inactive, failed, activating, deactivating
    sub: str  # running, exited, dead, auto-restart ...
    result: str  # success, exit-code, signal, timeout, oom-kill ...
    since: float | None  # when it came into this state
    restarts: Figure  # by the service manager, since the unit was last started by hand
    memory: Figure  # bytes

    @property
    def active(self) -> bool:
        return self.state in WELL

    @property
    def restarting(self) -> bool:
        """It ended and waits to be started again: between the failures it looks alive."""
        return self.sub.startswith("auto-restart")


@dataclass(frozen=True, slots=True)
class Timer:
    name: str  # without `.timer`
    unit: str
    starts: str  # the unit it starts
    load: str
    state: str
    sub: str  # waiting, running, elapsed
    last: float | None  # when it last did; None: not since the machine came up, or never
    next: float | None
    result: str  # of the unit's last run; "" when it is not known
    since_last_s: Figure

    @property
    def armed(self) -> bool:
        """It will start its unit again. One that is active and has elapsed never will, though it looks well."""
        return self.state in WELL and (self.next is not None or self.sub == "running")


@dataclass(frozen=True, slots=True)
class UnitsValues:
    about: str  # the command that was asked
    units: tuple[Unit, ...]
    timers: tuple[Timer, ...]
    unmatched: tuple[str, ...] = ()  # patterns that no loaded unit has

    @property
    def failed(self) -> int:
        """Units that have failed or are not there at all, and timers whose unit failed when it last ran."""
        units = sum(unit.state == "failed" or unit.load != "loaded" for unit in self.units)
        return units + sum(timer.result not in ("", "success") or timer.load != "loaded" for timer in self.timers)

    @property
    def down(self) -> int:
        """Units that are not active, for whatever reason, and timers that will not run."""
        return sum(not unit.active for unit in self.units) + sum(not timer.armed for timer in self.timers)

    @property
    def restarting(self) -> int:
        return sum(unit.restarting for unit in self.units)
