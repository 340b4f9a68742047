"""Alerts and what goes with them as JSON, both ways. What the profile says of a rule is kept for those that it lost."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from types import MappingProxyType
from typing import Any

from services.alerts import Acknowledged, Alert, Course, Silenced, Timer
from services.readings import AtLeast, Estimate, Figure, Unknown
from services.silence import Silence
from services.watching.meanwhile import News
from services.watching.notices import Notice, Told

_PLAIN = tuple(
    field.name for field in fields(Alert) if field.name not in ("value", "labels", "acknowledged", "silenced", "course")
)


def alert_text(alert: Alert) -> str:
    return json.dumps(_alert(alert))


def alert_of(text: str) -> Alert:
    return _alert_of(json.loads(text))


def value_text(value: Figure) -> str:
    return json.dumps(_figure(value))


def value_of(text: str) -> Figure:
    return _figure_of(json.loads(text))


def told_text(told: Told) -> str:
    return json.dumps({"alert": _alert(told.alert), "level": told.level, "flaps": told.flaps, "count": told.count})


def told_of(text: str) -> Told:
    found = json.loads(text)
    return Told(**{**found, "alert": _alert_of(found["alert"])})


def notice_text(notice: Notice) -> str:
    alert = _alert(notice.alert) if notice.alert else None
    return json.dumps({**{f.name: getattr(notice, f.name) for f in fields(notice)}, "alert": alert})


def notice_of(text: str) -> Notice:
    found = json.loads(text)
    return Notice(**{**found, "alert": _alert_of(found["alert"]) if found["alert"] else None})


def silence_text(silence: Silence) -> str:
    return json.dumps(asdict(silence))


def silence_of(text: str) -> Silence:
    found = json.loads(text)
    return Silence(**{**found, "match": tuple((name, said) for name, said in found["match"])})


def news_text(news: tuple[News, ...]) -> str:
    return json.dumps([asdict(one) for one in news])


def news_of(text: str) -> tuple[News, ...]:
    return tuple(News(**one) for one in json.loads(text))


def _alert(alert: Alert) -> dict[str, Any]:
    course = alert.course
    timers = {level: (timer.held_s, timer.on, timer.over_s) for level, timer in course.timers.items()}
    return {
        **{name: getattr(alert, name) for name in _PLAIN},
        "value": _figure(alert.value),
        "labels": alert.labels,
        "acknowledged": asdict(alert.acknowledged) if alert.acknowledged else None,
        "silenced": asdict(alert.silenced) if alert.silenced else None,
        "timers": timers,
        "turns": course.turns,
        "quiet_s": course.quiet_s,
    }


def _alert_of(found: dict[str, Any]) -> Alert:
    """The monotonic clock of the run before means nothing now: whatever comes next, there was a gap.

    What an earlier version did not write has its default.
    """
    timers = {level: Timer(held, on, over) for level, (held, on, over) in found["timers"].items()}
    course = Course(MappingProxyType(timers), turns=found["turns"], quiet_s=found["quiet_s"])
    alert = Alert(
        **{name: found[name] for name in _PLAIN if name in found}, value=_figure_of(found["value"]), course=course
    )
    return replace(
        alert,
        labels=tuple((name, said) for name, said in found["labels"]),
        acknowledged=Acknowledged(**found["acknowledged"]) if found["acknowledged"] else None,
        silenced=Silenced(**found["silenced"]) if found["silenced"] else None,
    )


def _figure(value: Figure) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.why, "detail": value.detail}
    if isinstance(value, Estimate):
        return {"estimate": value.value}
    return {"at_least": value.value} if isinstance(value, AtLeast) else value


def _figure_of(found: Any) -> Figure:
    if not isinstance(found, dict):
        return float(found) if isinstance(found, float) else int(found)
    if "unknown" in found:
        return Unknown(found["unknown"], found["detail"])
    return Estimate(found["estimate"]) if "estimate" in found else AtLeast(found["at_least"])
