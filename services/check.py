"""One answer for cron and Nagios: how the rules stand, from whoever watches on this machine, or by looking now."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.clock import Clock
from services.poller import Poller
from services.readings import number
from services.rules.network import NETWORK
from services.rules.silent import PREFIX as SILENT
from services.rules.words import duration
from services.sources import build, import_drivers
from services.state import path_of
from services.state.glance import Glance, glance
from services.text import safe
from services.units import told
from services.watching.notices import title
from services.watching.watch import KEPT_S, Watch

if TYPE_CHECKING:
    from services.profile import Profile, Rule

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_NO_LABEL = str.maketrans({"'": None, "=": ":", "|": "/"})
_WORST = (OK, UNKNOWN, WARNING, CRITICAL)  # the last is the worst; unknown is never better than ok


STALE_S = 3 * KEPT_S  # a watch that has written nothing for so long does not watch


@dataclass(frozen=True, slots=True)
class Checked:
    """`by`: who has looked: "the watch on this machine", or "this command"."""

    alerts: tuple[Alert, ...]
    code: int
    by: str
    missing: tuple[str, ...] = ()  # rules that nobody has judged
    stopped: str = ""  # why nothing of it is true any more


async def check(profile: Profile, clock: Clock, rules: Collection[str], look_s: float) -> Checked:
    """Alerts of these rules; of all, and of the sources, when none is named.

    Where a console or a collector watches on this machine, its alerts are taken: they know about `for` and windows.
    Otherwise every source is asked for `look_s` seconds, and what holds counts as a warning until its `for` is over.
    """
    watched, trouble = await asyncio.to_thread(_watched, profile)
    if watched and (age := clock.wall() - watched.at) > STALE_S:
        stopped = f"the watch on this machine has written nothing for {duration(round(age))}: is it stopped?"
        return Checked((), UNKNOWN, "", stopped=stopped)
    short = watched is None
    found = watched.alerts if watched else tuple(await _looked(profile, clock, look_s))
    wanted = rules or profile.rules
    known = [alert for alert in found if alert.rule in wanted or (not rules and _of_source(alert))]
    order = {rule: at for at, rule in enumerate(profile.rules)}
    known.sort(key=lambda alert: order.get(alert.rule, -1))
    judged = {alert.rule for alert in known}
    missing = tuple(rule for rule in wanted if rule not in judged)
    codes = (*(_code(alert, short) for alert in known), *(UNKNOWN for _ in missing))
    by = f"this command{f' ({trouble})' if trouble else ''}" if short else "the watch on this machine"
    return Checked(tuple(known), _worst(codes), by, missing)


def _of_source(alert: Alert) -> bool:
    """Its silence, or the network's: what no rule of the profile is about."""
    return alert.rule == NETWORK or alert.rule.startswith(SILENT)


def _watched(profile: Profile) -> tuple[Glance | None, str]:
    """What somebody keeps there, or why that cannot be told."""
    try:
        return glance(path_of(profile)), ""
    except (OSError, sqlite3.Error) as error:
        return None, f"the state file cannot be read: {safe(error, 100)}"


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
    if not alert.loud:
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
    words = checked.stopped or f"{'; '.join(_words(checked))}, says {checked.by}"
    data = " ".join(_perfdata(alert, rules.get(alert.rule)) for alert in checked.alerts if _known(alert))
    text = f"{WORDS[checked.code]} - {words}".replace("|", "/")
    return f"{text} | {data}" if data else text


def _words(checked: Checked) -> list[str]:
    loud = [alert for alert in checked.alerts if alert.loud]
    unknown = [alert for alert in loud if alert.state == "unknown"]
    held = [alert for alert in checked.alerts if alert.active and not alert.loud]
    parts = [_said(alert) for alert in loud if alert.state not in ("ok", "unknown")]
    if unknown:
        parts.append(f"{len(unknown)} unknown: {unknown[0].title}: {unknown[0].reason}")
    if checked.missing:
        parts.append(f"not judged: {', '.join(checked.missing)}")
    if held:
        parts.append(f"{len(held)} firing, silenced or a consequence")
    return parts or [f"{len(checked.alerts)} rules"]


def _said(alert: Alert) -> str:
    value = number(alert.value)
    shown = "" if value is None else f" {told(value, alert.unit)}"
    by = f", acknowledged by {alert.acknowledged.by}" if alert.acknowledged else ""
    unseen = "" if alert.confirmed else f", unconfirmed: {alert.reason}"
    return f"{alert.state}: {title(alert)}{shown} ({alert.threshold}){by}{unseen}"


def _known(alert: Alert) -> bool:
    return (value := number(alert.value)) is not None and math.isfinite(value)


def _perfdata(alert: Alert, rule: Rule | None) -> str:
    """'label'=value;warn;crit. A threshold from below is a range that begins there: 97:"""
    levels = dict(rule.levels) if rule and rule.compares else {}
    ranges = [_range(levels[name].op, levels[name].value) if name in levels else "" for name in ("warn", "page")]
    label = alert.key.translate(_NO_LABEL)
    return f"'{label}'={_plain(number(alert.value) or 0.0)};{';'.join(ranges)}".rstrip(";")


def _range(op: str, value: float) -> str:
    if not op.startswith(">"):
        return f"{_plain(value)}:"
    return _plain(value) if value >= 0 else f"~:{_plain(value)}"


def _plain(value: float) -> str:
    """Digits, a sign and a point: an exponent is none of what the format knows."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
