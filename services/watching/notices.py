"""What there is to be told outside the console: one frozen notice for each turn that somebody should hear of.

What is due is found by comparing how things stand with what was told of them: so nothing is told twice, after a restart
either, and what was held back is told when nothing holds it any more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from services.alerts import RANKS, Alert, Alerts, LevelName
from services.readings import NO_DATA_YET, AtLeast, Estimate, Unknown
from services.units import told
from services.watching.meanwhile import News

if TYPE_CHECKING:
    from typing import TypeAlias

Word = Literal["fires", "escalates", "resolves", "flaps", "summary"]


@dataclass(frozen=True, slots=True)
class Notice:
    """`id` is made of the episode and the word: the same news has the same id, and is told once per channel."""

    id: str
    at: float  # unix seconds
    word: Word
    title: str  # "SEV2 Job failure rate"
    text: str  # one line: "7.1 % > 5 %, since 10:42"
    alert: Alert | None = None  # None: a summary of several


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of an episode."""

    alert: Alert  # as it stood then
    level: LevelName
    flaps: bool
    count: int  # notices about this episode so far


Ledger: TypeAlias = Mapping[str, Told]  # by the alert's key: episodes whose end has not been told
NOTHING: Ledger = MappingProxyType({})


def due(alerts: Alerts, told: Ledger, wall: float) -> tuple[tuple[Notice, ...], Ledger]:
    """The notices that are due now, and what will have been told with them."""
    notices, after = [], dict(told)
    for key, known in told.items():
        now = alerts.get(key)
        if now is None or (now.episode != known.alert.episode and not _held(now)):
            notices.append(_resolved(now, known, wall))
            del after[key]
    for key, alert in alerts.by_key.items():
        before = after.get(key)
        if not alert.active or _held(alert) or not (word := _word(alert, before)):
            continue
        count = before.count if before else 0
        notices.append(Notice(f"{alert.episode} {count} {word}", wall, word, title(alert), _text(alert), alert))
        after[key] = Told(alert, alert.level, alert.flapping, count + 1)
    for key, known in after.items():
        now = alerts.get(key)
        if now and now.acknowledged and RANKS[now.acknowledged.level] < RANKS[known.level]:
            after[key] = replace(known, level=now.acknowledged.level)  # a rise above that breaks it, and is news
    return tuple(notices), told if not notices and after == told else MappingProxyType(after)


def summary(spell: str, news: tuple[News, ...], wall: float) -> Notice:
    """What happened in a silence or a maintenance that is over."""
    return Notice(f"{spell} summary", wall, "summary", f"{spell} is over", _listed(news))


def title(alert: Alert) -> str:
    labels = ", ".join(value for _, value in alert.labels)
    return f"{alert.severity} {alert.title}{f' ({labels})' if labels else ''}".strip()


def _held(alert: Alert) -> bool:
    """Nobody is to hear of it now."""
    return alert.silenced is not None or bool(alert.inhibited_by)


def _word(alert: Alert, known: Told | None) -> Word | None:
    """What is new about an alert that is active; None when nothing is, or somebody has it in hand."""
    if known is None:
        if alert.acknowledged or not alert.confirmed or alert.state == "recovering":
            return None
        return "flaps" if alert.flapping else "fires"
    if RANKS[alert.level] > RANKS[known.level]:
        return "escalates"
    return "flaps" if alert.flapping and not known.flaps else None


def _resolved(now: Alert | None, known: Told, wall: float) -> Notice:
    if now is None or now.active:  # gone, or in another episode by now
        now = replace(known.alert, state="ok", level="", since=wall, value=NO_DATA_YET, episode="", fired_at=None)
    lasted = f"fired at {_clock(known.alert.fired_at or known.alert.since)}"
    text = f"{value}, {lasted}" if (value := _said(now)) else lasted
    return Notice(f"{known.alert.episode} resolves", wall, "resolves", title(now), text, now)


def _text(alert: Alert) -> str:
    since = f"since {_clock(alert.fired_at or alert.since)}"
    value = _said(alert)
    if alert.flapping:
        return f"it begins and ends again and again, {since}; now {value or '?'} against {alert.threshold}"
    return ", ".join(part for part in (f"{value} {alert.threshold}" if value else alert.reason, since) if part)


def _said(alert: Alert) -> str:
    value = alert.value
    if isinstance(value, Unknown):
        return ""
    if isinstance(value, Estimate):
        return f"~{told(value.value, alert.unit)}"
    return f"{told(value.value, alert.unit)}+" if isinstance(value, AtLeast) else told(value, alert.unit)


def _listed(news: tuple[News, ...]) -> str:
    def ends() -> Iterator[str]:
        for one in news:
            end = "still active" if one.ended_at is None else f"over at {_clock(one.ended_at)}"
            yield f"{one.severity} {one.title} from {_clock(one.fired_at)}, {end}".strip()

    return f"{len(news)} meanwhile: {'; '.join(ends())}"


def _clock(wall: float) -> str:
    return time.strftime("%H:%M", time.localtime(wall))
