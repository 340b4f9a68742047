"""Units and timers of a service manager, asked through `systemctl show`: one call for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from services.clock import Clock
from services.profile import SystemdSource
from services.readings import Figure, Timer, Unit, UnitsValues, Unknown
from services.run import run
from services.sources.run_faults import of_end
from services.sources.systemd_time import moment, next_run
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

MOST_BYTES = 2_000_000
NEVER = Unknown("no data yet", "it has not run since the machine came up, or never")
_STOP_S = 0.5
_PROPERTIES = (
    *("Id", "Names", "Description", "LoadState", "ActiveState", "SubState", "Result", "NRestarts", "MemoryCurrent"),
    *("StateChangeTimestamp", "StateChangeTimestampMonotonic", "Unit", "LastTriggerUSec"),
    *("NextElapseUSecRealtime", "NextElapseUSecMonotonic"),
)
# Times are told in the zone of whoever asks: in UTC there is no doubt about them.
_ENVIRONMENT = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
_KINDS = {"service", "timer", "socket", "target", "mount", "automount", "swap", "path", "slice", "scope", "device"}

Told: TypeAlias = Mapping[str, str]  # the properties of one unit


def make(name: str, spec: SystemdSource, parts: Parts) -> Systemd:
    return Systemd(name, spec, parts.clock)


def whole(unit: str) -> str:
    """As systemctl takes it: without a suffix it is a service."""
    return unit if unit.rpartition(".")[2] in _KINDS else f"{unit}.service"


class Systemd:
    def __init__(self, name: str, spec: SystemdSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout + _STOP_S
        self._spec = spec
        self._clock = clock
        self._asked = tuple(map(whole, spec.units))
        self._started: frozenset[str] = frozenset()  # by timers: how they ended is told with the timer

    async def fetch(self) -> UnitsValues:
        told = await self._show(self._started)
        started = frozenset(each["Unit"] for each in told if _is_timer(each) and each.get("Unit"))
        if not started <= {each["Id"] for each in told}:
            told = await self._show(started)
        self._started = started
        results = {each["Id"]: each.get("Result", "") for each in told}
        asked = [each for each in told if any(_among(self._asked, name) for name in _names(each))]
        return UnitsValues(
            about=safe(" ".join(self._spec.systemctl), 200),
            units=tuple(_unit(each) for each in asked if not _is_timer(each)),
            timers=tuple(_timer(each, results, self._clock.wall()) for each in asked if _is_timer(each)),
            unmatched=tuple(
                safe(pattern, 200)
                for pattern in self._asked
                if not any(_among((pattern,), name) for each in told for name in _names(each))
            ),
        )

    async def close(self) -> None:
        """Nothing is open between two polls."""

    async def _show(self, more: Iterable[str]) -> list[Told]:
        """What is told of each unit. One that is not there is told of too: its LoadState says so."""
        units = dict.fromkeys([*self._asked, *sorted(more)])
        argv = [*self._spec.systemctl, "show", "--no-pager", f"--property={','.join(_PROPERTIES)}", "--", *units]
        ran = await run(argv, self._spec.timeout, MOST_BYTES, env=_ENVIRONMENT)
        if ran.code != 0:
            raise of_end(ran, argv[0], self._spec.timeout)
        return _blocks(ran.out.decode("utf-8", "replace"))


def _blocks(out: str) -> list[Told]:
    """A unit is lines of NAME=VALUE; a blank line stands between two. One that two patterns match is told twice."""
    found: dict[str, Told] = {}
    for block in out.split("\n\n"):
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if told.get("Id"):
            found.setdefault(told["Id"], told)
    return list(found.values())


def _names(told: Told) -> list[str]:
    """Also those that are only other names of it."""
    return [told["Id"], *told.get("Names", "").split()]


def _among(asked: Iterable[str], name: str) -> bool:
    return any(name == each or fnmatchcase(name, each) for each in asked)


def _is_timer(told: Told) -> bool:
    return told["Id"].endswith(".timer")


def _unit(told: Told) -> Unit:
    name = safe(told["Id"], 200)
    return Unit(
        name=name.removesuffix(".service"),
        unit=name,
        description=safe(told.get("Description"), 200),
        load=safe(told.get("LoadState"), 50),
        state=safe(told.get("ActiveState"), 50),
        sub=safe(told.get("SubState"), 50),
        result=safe(told.get("Result"), 50),
        since=moment(told.get("StateChangeTimestamp", "")),
        restarts=_count(told.get("NRestarts", "")),
        memory=_count(told.get("MemoryCurrent", "")),
    )


def _timer(told: Told, results: Mapping[str, str], now: float) -> Timer:
    name, starts = safe(told["Id"], 200), told.get("Unit", "")
    last = moment(told.get("LastTriggerUSec", ""))
    return Timer(
        name=name.removesuffix(".timer"),
        unit=name,
        starts=safe(starts, 200),
        load=safe(told.get("LoadState"), 50),
        state=safe(told.get("ActiveState"), 50),
        sub=safe(told.get("SubState"), 50),
        last=last,
        next=next_run(told),
        result=safe(results.get(starts, ""), 50),
        since_last_s=max(0.0, now - last) if last is not None else _no_moment(told.get("LastTriggerUSec", "")),
    )


def _no_moment(text: str) -> Unknown:
    """Why there is none: it never was, or the time is told in a zone of that machine's own."""
    if text in ("", "n/a", "0"):
        return NEVER
    return Unknown("failed", f"told as {safe(text, 50)}: let it be told in UTC, as by ssh HOST env TZ=UTC systemctl")


def _count(text: str) -> Figure:
    """ "[not set]" and the largest number there is both say that it is not counted."""
    if not text.isdecimal() or int(text) >= 2**64 - 1:
        return Unknown("not recorded", "the service manager does not count it for this unit")
    return int(text)
