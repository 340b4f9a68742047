"""One poll of everything, and the JSON that `status` prints: a contract, versioned by `schema`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from services.alerts import Alert, Alerts
from services.clock import Clock
from services.fetch import Fetch
from services.plain import keyed, plain
from services.profile import Profile
from services.readings import NO_DATA_YET, Fault, FlagsValues, QueueValues, Reading, TypeFigures, Unknown
from services.rules import judge
from services.rules.past import Past
from services.sources import Built, Source, build, import_drivers
from services.watching.quiet import Quiet

SCHEMA = 1
CLOSE_S = 1.0
_FIGURES = tuple(field.name for field in fields(TypeFigures) if field.name not in ("type", "extra"))
_NOT_SHOWN = {"course"}  # what the next judgement goes on from


async def collect(profile: Profile, clock: Clock, timeout_s: float) -> dict[str, Any]:
    """Asks every source once, all at the same time; whatever hangs is an error in its reading when the time is over."""
    import_drivers(profile)
    built = build(profile, clock)
    try:
        readings = await poll_once(built.sources, clock, timeout_s)
    finally:
        await close(built)
    past = Past.awaiting({name: source.interval_s for name, source in built.sources.items()}, profile.rules)
    for reading in readings.values():
        past.take(reading)
    past.at(clock.mono(), clock.wall())
    alerts = judge(profile.rules, profile.sources, past, Alerts(), Quiet(maintenance=profile.maintenance))
    return report(profile, readings, alerts, clock)


async def poll_once(sources: Mapping[str, Source], clock: Clock, timeout_s: float) -> dict[str, Reading]:
    async def ask(name: str, source: Source) -> Reading:
        got = await Fetch(source, clock).once(timeout_s)
        return got.reading(name, clock, source.interval_s)

    found = await asyncio.gather(*(ask(name, source) for name, source in sources.items()))
    return {reading.source: reading for reading in found}


async def close(built: Built) -> None:
    """A connection that does not end must not keep the figures from being printed."""
    task = asyncio.create_task(built.close())
    await asyncio.wait({task}, timeout=CLOSE_S)
    task.cancel()


def report(profile: Profile, readings: Mapping[str, Reading], alerts: Alerts, clock: Clock) -> dict[str, Any]:
    """The whole contract. Every key is always there, whatever failed."""
    return {
        "schema": SCHEMA,
        "profile": profile.name,
        "title": profile.title,
        "environment": profile.environment.name,
        "production": profile.environment.is_production,
        "at": clock.wall(),
        "readings": {name: _reading(profile, reading, clock) for name, reading in readings.items()},
        "queues": {name: _queue(profile, name, readings) for name in profile.of_kind("queue")},
        "storage": {name: _values(readings[name]) for name in profile.of_kind("s3")},
        "health": {name: _values(readings[name]) for name in (*profile.of_kind("http"), *profile.of_kind("tcp"))},
        "alerts": [_alert(alert) for alert in alerts],
    }


def _reading(profile: Profile, reading: Reading, clock: Clock) -> dict[str, Any]:
    spec = profile.sources.get(reading.source)
    return {
        "kind": spec.kind if spec else reading.source,  # the console's own are called by their kind
        "at": reading.at,
        "age_s": max(0.0, clock.mono() - reading.mono),
        "took_s": reading.took_s,
        "error": plain(reading.fault),
        "values": plain(reading.values),
    }


def _values(reading: Reading) -> dict[str, Any]:
    """The values of a source that may have failed: then its reason stands in their place."""
    if reading.values is None:
        return {"error": plain(reading.fault)}
    return {**plain(reading.values), "error": None}


def _queue(profile: Profile, name: str, readings: Mapping[str, Reading]) -> dict[str, Any]:
    reading = readings[name]
    values = reading.values if isinstance(reading.values, QueueValues) else None
    types = {row.type: row for row in values.types} if values else {}
    missing = NO_DATA_YET if values else _failed(reading.fault)
    names = dict.fromkeys([*profile.of_kind("queue")[name].types, *types])
    flags = _of_queue(profile, name, "flags", readings)
    return {
        **keyed(
            (key, getattr(values, key) if values else missing)
            for key in ("window_s", "filled_s", "ended", "stale_count", "stuck_count")
        ),
        "total": _type(values.total if values else None, missing, None),
        "types": {type_: _type(types.get(type_), missing, _paused(type_, flags)) for type_ in names},
        "stale_locks": plain(values.stale) if values else None,
        "failures": plain(values.failures) if values else None,
        "workers": plain(values.workers) if values else None,
        "runs": _runs(_of_queue(profile, name, "runs", readings)),
        "error": plain(reading.fault),
    }


def _type(row: TypeFigures | None, missing: Unknown, paused: bool | Unknown | None) -> dict[str, Any]:
    """One job type's figures. `paused` is None for the total, which cannot be."""
    parts = [(name, getattr(row, name) if row else missing) for name in _FIGURES]
    if row and row.extra:
        parts.append(("extra", row.extra))
    if paused is not None:
        parts.append(("paused", paused))
    return keyed(parts)


def _paused(type_: str, flags: Reading | None) -> bool | Unknown:
    if flags is None:
        return Unknown("not configured", "the profile has no flags source for this queue")
    if not isinstance(flags.values, FlagsValues):
        return _failed(flags.fault)
    return flags.values.paused(type_) is not None


def _runs(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {"error": {"kind": "config", "message": "the profile has no runs source for this queue", "remedy": ""}}
    return _values(reading)


def _of_queue(profile: Profile, queue: str, kind: str, readings: Mapping[str, Reading]) -> Reading | None:
    """The reading of the source of this kind that belongs to the queue."""
    return next((readings[name] for name, spec in profile.of_kind(kind).items() if spec.queue == queue), None)


def _failed(fault: Fault | None) -> Unknown:
    if fault is None:
        return NO_DATA_YET
    return Unknown("not permitted" if fault.kind == "denied" else "failed", fault.message)


def _alert(alert: Alert) -> dict[str, Any]:
    shown = {name: value for name, value in plain(alert).items() if name not in _NOT_SHOWN}
    return {**shown, "labels": dict(alert.labels)}
