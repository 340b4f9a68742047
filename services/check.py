"""One answer for cron and Nagios: how the rules stand, from whoever watches on this machine, or by looking now."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.clock import Clock
from services.poller import Poller
from services.readings import number
from services.sources import build, import_drivers
from services.state import path_of
from services.state.glance import glance
from services.units import told
from services.watch import Watch

if TYPE_CHECKING:
    from services.profile import Profile, Rule

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_WORST = (OK, UNKNOWN, WARNING, CRITICAL)  # the last is the worst; unknown is never better than ok


@dataclass(frozen=True, slots=True)
class Checked:
    """`by`: who has looked: "the console or collector of this machine", or this command."""

    alerts: tuple[Alert, ...]
    code: int
    by: str


async def check(profile: Profile, clock: Clock, rules: Collection[str], look_s: float) -> Checked:
    """Alerts of these rules; of all, and of the sources, when none is named.

    Where a console or a collector watches on this machine, its alerts are taken: they know about `for` and windows.
    Otherwise every source is asked for `look_s` seconds, and what holds counts as a warning until its `for` is over.
    """
    watched = await asyncio.to_thread(_watched, profile)
    found = await _looked(profile, clock, look_s) if watched is None else watched
    wanted = tuple(alert for alert in found if not rules or alert.rule in rules)
    by = "this command" if watched is None else "the watch on this machine"
    return Checked(wanted, _worst(_code(alert, watched is None) for alert in wanted), by)


def _watched(profile: Profile) -> tuple[Alert, ...] | None:
    with contextlib.suppress(OSError, sqlite3.Error):
        return glance(path_of(profile))
    return None


async def _looked(profile: Profile, clock: Clock, look_s: float) -> Alerts:
    import_drivers(profile)
    built = build(profile, clock)
    watch = Watch(profile, clock)
    polling = asyncio.create_task(Poller(built.sources, clock).run(watch.take))
    enough = clock.mono() + look_s
    try:
        while clock.mono() < enough and not polling.done():
            await clock.sleep(0.1)
            watch.tick()
    finally:
        polling.cancel()
        await asyncio.wait({polling, asyncio.ensure_future(built.close())}, timeout=1.0)
    return watch.alerts


def _code(alert: Alert, short: bool) -> int:
    """`short`: nobody watched for as long as `for` asks."""
    if alert.silenced or alert.inhibited_by:
        return OK
    match alert.state:
        case "firing" | "recovering":
            return WARNING if alert.level == "warn" else CRITICAL
        case "pending":
            return WARNING if short else OK
        case "unknown":
            return UNKNOWN
    return OK


def _worst(codes: Iterable[int]) -> int:
    return max(codes, key=_WORST.index, default=UNKNOWN)


def line(checked: Checked, rules: dict[str, Rule]) -> str:
    """As Nagios reads it: the word, what is wrong, and behind a bar the performance data."""
    told = [_said(alert) for alert in checked.alerts if alert.state not in ("ok", "unknown") and not alert.silenced]
    unknown = [alert for alert in checked.alerts if alert.state == "unknown"]
    parts = [*told, *([f"{len(unknown)} unknown: {unknown[0].title}: {unknown[0].reason}"] if unknown else [])]
    count = len(checked.alerts)
    words = "; ".join(parts) or (f"{count} rules" if count else "there is no such rule, or none was judged")
    data = " ".join(_perfdata(alert, rules.get(alert.rule)) for alert in checked.alerts if _known(alert))
    text = f"{WORDS[checked.code]} - {words}, says {checked.by}".replace("|", "/")
    return f"{text} | {data}" if data else text


def _said(alert: Alert) -> str:
    value = number(alert.value)
    shown = "" if value is None else f" {told(value, alert.unit)}"
    return f"{alert.state}: {alert.severity} {alert.title}{shown} ({alert.threshold})".replace("  ", " ")


def _known(alert: Alert) -> bool:
    return number(alert.value) is not None


def _perfdata(alert: Alert, rule: Rule | None) -> str:
    """'label'=value;warn;crit. A threshold from below is a range that begins there: 97:"""
    levels = dict(rule.levels) if rule else {}
    told = [_range(levels[name].op, levels[name].value) if name in levels else "" for name in ("warn", "page")]
    label = alert.key.replace("'", "").replace("=", ":")
    return f"'{label}'={number(alert.value):g};{';'.join(told)}".rstrip(";")


def _range(op: str, value: float) -> str:
    return f"{value:g}" if op.startswith(">") else f"{value:g}:"
