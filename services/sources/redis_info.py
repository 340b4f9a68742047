"""What Redis's INFO says, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.readings import NOT_CONFIGURED, Fault, Figure, RedisValues, Unknown
from services.sources.resp import fields
from services.text import safe


@dataclass(frozen=True, slots=True)
class _Replication:
    replicas: Figure
    link_up: Figure
    lag_s: Figure
    lag_bytes: Figure


def values(where: str, info: str | Fault, connect_s: float, ping_s: float, expected: int) -> RedisValues:
    """`expected` is how many replicas a primary should have. A fault stands for INFO that was refused."""
    told = fields(info) if isinstance(info, str) else {}
    why = _refused(info) if isinstance(info, Fault) else Unknown("not recorded", "this server's INFO does not say it")

    def figure(name: str) -> Figure:
        found = told.get(name, "")
        return int(found) if found.lstrip("-").isdigit() else why

    replication = _replication(told, expected, why)
    return RedisValues(
        address=where,
        version=safe(told.get("redis_version", ""), 64),
        role=safe(told.get("role", ""), 32),
        connect_s=connect_s,
        ping_s=ping_s,
        used_memory=figure("used_memory"),
        max_memory=figure("maxmemory") or NOT_CONFIGURED,
        connected_clients=figure("connected_clients"),
        max_clients=figure("maxclients"),
        replicas=replication.replicas,
        link_up=replication.link_up,
        lag_s=replication.lag_s,
        lag_bytes=replication.lag_bytes,
    )


def _replication(told: Mapping[str, str], expected: int, why: Unknown) -> _Replication:
    match told.get("role"):
        case "master":
            return _of_primary(told, expected)
        case "slave":
            return _of_replica(told)
    return _Replication(why, why, why, why)


def _of_replica(told: Mapping[str, str]) -> _Replication:
    """While the link is down Redis says -1 for the last word, and counts the time that it has been down instead."""
    up = told.get("master_link_status") == "up"
    since = int(told.get("master_last_io_seconds_ago" if up else "master_link_down_since_seconds", "-1"))
    lag = since if since >= 0 else Unknown("failed", "it has lost its primary, or never found it")
    unsaid = Unknown("not recorded", "only its primary knows how much there is to come")
    return _Replication(int(told.get("connected_slaves", "0")), int(up), lag, unsaid)


def _of_primary(told: Mapping[str, str], expected: int) -> _Replication:
    """A replica that is gone has no line: fewer than expected make the lag unknown, not small."""
    lines = list(_lines(told))
    online = [line for line in lines if line.get("state") == "online"]
    if len(online) < expected:
        why: Figure = Unknown("failed", f"{len(online)} of {expected} replicas are connected")
        return _Replication(len(online), NOT_CONFIGURED, why, why)
    if not online:
        none = Unknown("not configured", "it has no replica")
        return _Replication(0, NOT_CONFIGURED, none, none)
    sent = int(told.get("master_repl_offset", "0"))
    slowest = max(int(line.get("lag", "0")) for line in online)
    behind = max(max(0, sent - int(line.get("offset", "0"))) for line in online)
    return _Replication(len(online), NOT_CONFIGURED, slowest, behind)


def _lines(told: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """slave0:ip=10.0.0.7,port=6379,state=online,offset=1288,lag=1"""
    for name, value in told.items():
        if name.startswith("slave") and name.removeprefix("slave").isdigit():
            yield dict(part.split("=", 1) for part in value.split(",") if "=" in part)


def _refused(fault: Fault) -> Unknown:
    return Unknown("not permitted" if fault.kind == "denied" else "failed", f"{fault.message}; {fault.remedy}")
