"""The figures of `status` as text for people, at most 80 columns wide and without colour."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator
from typing import Any

WIDTH = 80
_TYPE_COLUMNS = (
    ("waiting", "wait", "count"),
    ("running", "run", "count"),
    ("retry_wait", "retry", "count"),
    ("failed", "failed", "count"),
    ("succeeded", "done", "count"),
    ("oldest_wait_s", "oldest", "time"),
    ("wait_p95_s", "p95 w", "time"),
    ("duration_p95_s", "p95 d", "time"),
    ("failure_rate", "fail", "share"),
)
FAILURES = 5


def lines(found: dict[str, Any]) -> Iterator[str]:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found["at"]))
    environment = found["environment"].upper() if found["production"] else found["environment"]
    yield _cut(f"{found['title']} · {environment} · {at}")
    yield from (_cut(line) for line in _alerts(found))
    yield from _errors(found)
    for part in (_health, _queues, _storage):
        yield from (_cut(line) for line in part(found))


def _alerts(found: dict[str, Any]) -> Iterator[str]:
    for alert in found["alerts"]:
        if alert["state"] != "ok":
            said = "see below" if _told_below(alert, found) else alert["reason"]
            said = said or f"{_cell(alert, 'value', 'figure')} ({alert['threshold']})"
            yield f"{alert['state'].upper():8}{alert['severity']:5} {alert['title']}: {said}"
    if found["alerts"] and all(alert["state"] == "ok" for alert in found["alerts"]):
        yield f"all {len(found['alerts'])} rules ok"


def _told_below(alert: dict[str, Any], found: dict[str, Any]) -> bool:
    return found["readings"].get(alert["source"], {}).get("error") is not None


def _errors(found: dict[str, Any]) -> Iterator[str]:
    """Wrapped, not cut: half a remedy is none."""
    for name, reading in found["readings"].items():
        if error := reading["error"]:
            yield from _wrapped("FAILED  ", f"{name}: {error['message']}")
            if error["remedy"]:
                yield from _wrapped("        -> ", error["remedy"])


def _health(found: dict[str, Any]) -> Iterator[str]:
    for name, health in found["health"].items():
        for check in health.get("checks", ()):
            word = "ok" if check["ok"] else "FAILED"
            status = check["status"] or "no answer"
            said = check["fault"]["message"] if check["fault"] else check["version"] if check["ok"] else check["body"]
            yield f"{name:9} {word:6} {check['path']:14} {status} {_cell(check, 'latency_s', 'time'):>6} {said}"


def _queues(found: dict[str, Any]) -> Iterator[str]:
    for name, queue in found["queues"].items():
        yield ""
        yield f"{name:17}" + "".join(f"{title:>7}" for _, title, _ in _TYPE_COLUMNS)
        for type_, row in (*queue["types"].items(), ("all", queue["total"])):
            yield f"{type_[:17]:17}" + "".join(f"{_cell(row, key, kind):>7}" for key, _, kind in _TYPE_COLUMNS)
        if paused := [type_ for type_, row in queue["types"].items() if row["paused"]]:
            yield f"paused    {', '.join(paused)}"
        yield f"locks     {_cell(queue, 'stale_count', 'count')} stale, {_cell(queue, 'stuck_count', 'count')} stuck"
        for group in (queue["failures"] or ())[:FAILURES]:
            yield f"failures  {group['count']:>5} {group['error_code']} in {group['type']}: {group['last_message']}"
        yield from _runs(queue["runs"])


def _runs(runs: dict[str, Any]) -> Iterator[str]:
    if statuses := runs.get("by_status"):
        told = [f"{_cell(statuses, status, 'count')} {status}" for status in statuses if status != "unknown"]
        yield f"runs      {', '.join(told)}"
        yield f"          published {_cell(runs, 'publish_success', 'share')}"


def _storage(found: dict[str, Any]) -> Iterator[str]:
    for name, storage in found["storage"].items():
        if "bucket" in storage:
            read, write = (_cell(storage, f"canary_{way}_s", "time") for way in ("read", "write"))
            yield f"{name:9} bucket {storage['bucket']}: read {read}, write {write}, " + (
                f"{_cell(storage, 'objects', 'count')} objects, {_cell(storage, 'bytes', 'bytes')}"
            )


def _cell(row: dict[str, Any], key: str, kind: str) -> str:
    """One figure: `?` when unknown, `~` before an estimate, `+` after a count that stopped at its cap."""
    value = row.get(key)
    if value is None:
        return "?"
    if isinstance(value, dict):
        mark = "~" if value.get("estimated") else ""
        return f"{mark}{_number(value['value'], kind)}{'+' if value.get('at_least') else ''}"
    return _number(value, kind)


def _number(value: float, kind: str) -> str:
    if kind == "share":
        return f"{100 * value:.1f}%"
    if kind == "time":
        return _duration(value)
    if kind == "figure":
        return f"{value:.4g}"
    base, units = (1024, ("", "K", "M", "G", "T")) if kind == "bytes" else (1000, ("", "k", "M", "G", "T"))
    for unit in units:
        if value < base or unit == "T":
            return f"{value:.0f}{unit}" if not unit or value >= 10 else f"{value:.1f}{unit}"
        value /= base
    return ""


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f}ms"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"


def _wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
