"""The figures of `status` as text for people, at most 80 columns wide and without colour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tui.cli.status_cells import cell, cut, wrapped
from tui.cli.status_figures import figures

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
_TOLD = ("http", "tcp", "queue", "runs", "flags", "reaper", "s3", "audit")


def lines(found: dict[str, Any]) -> Iterator[str]:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found["at"]))
    environment = found["environment"].upper() if found["production"] else found["environment"]
    yield cut(f"{found['title']} · {environment} · {at}")
    yield from (cut(line) for line in _alerts(found))
    yield from _errors(found)
    for part in (_health, _queues, _storage, _others):
        yield from (cut(line) for line in part(found))


def _alerts(found: dict[str, Any]) -> Iterator[str]:
    for alert in found["alerts"]:
        if alert["state"] != "ok":
            said = "see below" if _told_below(alert, found) else alert["reason"]
            said = said or f"{cell(alert, 'value', 'figure')} ({alert['threshold']})"
            labels = ", ".join(alert["labels"].values())
            title = f"{alert['title']} ({labels})" if labels else alert["title"]
            yield f"{alert['state'].upper():8}{alert['severity']:5} {title}: {said}"
    if found["alerts"] and all(alert["state"] == "ok" for alert in found["alerts"]):
        yield f"all {len(found['alerts'])} rules ok"


def _told_below(alert: dict[str, Any], found: dict[str, Any]) -> bool:
    return found["readings"].get(alert["source"], {}).get("error") is not None


def _errors(found: dict[str, Any]) -> Iterator[str]:
    """Wrapped, not cut: half a remedy is none."""
    for name, reading in found["readings"].items():
        if error := reading["error"]:
            yield from wrapped("FAILED  ", f"{name}: {error['message']}")
            if error["remedy"]:
                yield from wrapped("        -> ", error["remedy"])


def _health(found: dict[str, Any]) -> Iterator[str]:
    for name, health in found["health"].items():
        for check in health.get("checks", ()):
            word = "ok" if check["ok"] else "FAILED"
            status = check["status"] or ("" if check["ok"] else "no answer")
            said = check["fault"]["message"] if check["fault"] else check["version"] if check["ok"] else check["body"]
            yield f"{name:9} {word:6} {check['path']:14} {status} {cell(check, 'latency_s', 'time'):>6} {said}"


def _queues(found: dict[str, Any]) -> Iterator[str]:
    for name, queue in found["queues"].items():
        yield ""
        yield f"{name:17}" + "".join(f"{title:>7}" for _, title, _ in _TYPE_COLUMNS)
        for type_, row in (*queue["types"].items(), ("all", queue["total"])):
            yield f"{type_[:17]:17}" + "".join(f"{cell(row, key, kind):>7}" for key, _, kind in _TYPE_COLUMNS)
        if paused := [type_ for type_, row in queue["types"].items() if row["paused"]]:
            yield f"paused    {', '.join(paused)}"
        yield f"locks     {cell(queue, 'stale_count', 'count')} stale, {cell(queue, 'stuck_count', 'count')} stuck"
        for group in (queue["failures"] or ())[:FAILURES]:
            yield f"failures  {group['count']:>5} {group['error_code']} in {group['type']}: {group['last_message']}"
        yield from _runs(queue["runs"])


def _runs(runs: dict[str, Any]) -> Iterator[str]:
    if statuses := runs.get("by_status"):
        told = [f"{cell(statuses, status, 'count')} {status}" for status in statuses if status != "unknown"]
        yield f"runs      {', '.join(told)}"
        yield f"          published {cell(runs, 'publish_success', 'share')}"


def _storage(found: dict[str, Any]) -> Iterator[str]:
    for name, storage in found["storage"].items():
        if "bucket" in storage:
            read, write = (cell(storage, f"canary_{way}_s", "time") for way in ("read", "write"))
            yield f"{name:9} bucket {storage['bucket']}: read {read}, write {write}, " + (
                f"{cell(storage, 'objects', 'count')} objects, {cell(storage, 'bytes', 'bytes')}"
            )


def _others(found: dict[str, Any]) -> Iterator[str]:
    """Every source that has no lines of its own above."""
    for name, reading in found["readings"].items():
        if reading["values"] and reading["kind"] not in _TOLD:
            yield from figures(name, reading["values"])
