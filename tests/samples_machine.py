"""Fixed readings of a machine's services, checks and logs; and the profile of the sources they come from."""

from __future__ import annotations

from services.readings import (
    Certificate,
    Fault,
    HealthCheck,
    HealthValues,
    LogLine,
    LogsValues,
    NamedFigure,
    NamedValues,
    RedisValues,
    Timer,
    TlsValues,
    Unit,
    UnitsValues,
    Unknown,
    Values,
)
from tests.samples import NOW, audit
from tests.samples_metrics import host

PROFILE = """
schema = 1
name = "analytics-etl"
title = "Analytics ETL"

[environment]
name = "staging"

[sources.units]
kind = "systemd"
units = ["app-*", "postgresql", "nginx", "backup.timer", "clean.timer"]

[sources.bench]
kind = "command"
argv = ["python", "scripts/query_benchmark.py"]

[sources.policy]
kind = "command"
argv = ["python", "scripts/check_schema_policy.py"]

[sources.certificates]
kind = "tls"
addresses = ["app.example.org", "api.example.org"]

[sources.ports]
kind = "tcp"
addresses = ["127.0.0.1:5432", "127.0.0.1:9000"]

[sources.cache]
kind = "redis"

[sources.dumps]
kind = "files"
glob = "/opt/app/backups/*.gz"

[sources.disk]
kind = "disk"
mounts = ["/", "/var/lib/postgresql"]

[sources.host]
kind = "host"

[sources.journal]
kind = "logs"
units = ["app-web", "app-orchestrator"]

[sources.proxy]
kind = "logs"
paths = ["/var/log/nginx/error.log"]
"""
ACTIONS = """
[actions.restart-unit]
effect = "unit"
title = "Restart a unit"
do = "restart"
units = ["app-web", "app-orchestrator", "nginx.service"]
"""
RULES = """
[rules.backup-overdue]
title = "Backup overdue"
source = "dumps"
figure = "figures.newest_age_s"
value = 93_600

[rules.disk-full]
title = "Disk nearly full"
source = "disk"
figure = "figures.used_share{*}"
value = 0.9
"""
NOT_COUNTED = Unknown("not recorded", "the service manager does not count it for this unit")


def unit(name: str, state: str = "active", sub: str = "running", **changes: object) -> Unit:
    plain: dict[str, object] = {
        "name": name,
        "unit": f"{name}.service",
        "description": f"{name} of the analytics ETL",
        "load": "loaded",
        "state": state,
        "sub": sub,
        "result": "success",
        "since": NOW - 86_400.0,
        "restarts": 0,
        "memory": 212_000_000,
    }
    return Unit(**{**plain, **changes})  # type: ignore[arg-type]


def timer(name: str, **changes: object) -> Timer:
    plain: dict[str, object] = {
        "name": name,
        "unit": f"{name}.timer",
        "starts": f"{name}.service",
        "load": "loaded",
        "state": "active",
        "sub": "waiting",
        "last": NOW - 21_600.0,
        "next": NOW + 64_800.0,
        "result": "success",
        "since_last_s": 21_600.0,
    }
    return Timer(**{**plain, **changes})  # type: ignore[arg-type]


def units_healthy() -> UnitsValues:
    names = ("app-web", "app-orchestrator", "app-intake", "postgresql", "nginx")
    return UnitsValues("systemctl", tuple(map(unit, names)), (timer("backup"), timer("clean")))


def units_troubled() -> UnitsValues:
    return UnitsValues(
        "systemctl",
        (
            unit("app-web"),
            unit("app-orchestrator", "activating", "auto-restart", result="exit-code", restarts=14, since=NOW - 4.0),
            unit("app-intake", "failed", "failed", result="oom-kill", since=NOW - 700.0, memory=NOT_COUNTED),
            unit("postgresql", memory=1_820_000_000),
            unit("nginx", "inactive", "dead", load="not-found", since=None, restarts=NOT_COUNTED, memory=NOT_COUNTED),
        ),
        (timer("backup", result="exit-code"), timer("clean", sub="elapsed", next=None, since_last_s=864_000.0)),
        ("app-report-*.service",),
    )


def command(ok: bool, about: str, said: str, *figures: NamedFigure) -> NamedValues:
    code = (NamedFigure("exit_code", 0 if ok else 1), NamedFigure("took_s", 1.42, "s"))
    return NamedValues(about, (*code, *figures), ok, said)


def certificates(days: float) -> TlsValues:
    return TlsValues(
        (
            Certificate("app.example.org:443", days, NOW + days * 86_400, 1, "app.example.org", "Example CA"),
            Certificate("api.example.org:443", 71, NOW + 71 * 86_400, 1, "api.example.org", "Example CA"),
        )
    )


def redis() -> RedisValues:
    none = Unknown("not configured")
    return RedisValues("127.0.0.1:6379", "7.0.15", "master", 0.001, 0.0004, 1_240_000, none, 12, 10_000, 0, none, 0, 0)


def files(age_s: float) -> NamedValues:
    return NamedValues(
        "/opt/app/backups/*.gz",
        (
            NamedFigure("count", 31, "count"),
            NamedFigure("newest_age_s", age_s, "s"),
            NamedFigure("newest_bytes", 48_200_000, "bytes"),
            NamedFigure("size_against_median", 0.98),
            NamedFigure("total_bytes", 1_490_000_000, "bytes"),
        ),
        True,
        "db_20260101.sql.gz, newest of 31",
    )


def disk(used: float) -> NamedValues:
    def of(mount: str, share: float) -> tuple[NamedFigure, ...]:
        labels = (("mount", mount),)
        return (
            NamedFigure("used_share", share, "share", labels),
            NamedFigure("free_bytes", (1 - share) * 1e12, "bytes", labels),
        )

    return NamedValues("this machine", (*of("/", 0.41), *of("/var/lib/postgresql", used)))


def log(
    number: int, text: str, level: str = "info", origin: str = "app-web", request: str = "", ago: float = 1
) -> LogLine:
    return LogLine(number, NOW - ago, origin, level, text, request)  # type: ignore[arg-type]


def journal(errors: int = 3) -> LogsValues:
    lines = [log(n, f"GET /api/engines 200 in {11 + n} ms", request=f"r-{n}", ago=60.0 - n) for n in range(24)]
    lines += [
        log(24, "engine 4 of 9 did not answer within 20 s, asked again", "warning", "app-orchestrator", "r-23", 12.0),
        log(
            25, "unhandled ValueError: reading 7 of sensor 12 is not a number", "error", "app-orchestrator", "r-23", 9.0
        ),
        log(26, "POST /api/intake 500 in 20,004 ms", "error", request="r-23", ago=8.0),
        log(27, "worker ended by signal 9", "critical", request="", ago=2.0),
    ]
    return LogsValues("app-web, app-orchestrator", tuple(lines), 28, errors, 0)


def proxy() -> LogsValues:
    line = log(1, "upstream timed out while reading the answer, request id r-23", "error", "error.log", "r-23", 8.5)
    return LogsValues("/var/log/nginx/error.log", (line,), 1, 1, 0, "error.log was rotated")


def ports(ok: bool) -> HealthValues:
    refused = None if ok else Fault("unreachable", "connection refused by 127.0.0.1:9000", "is the server running?")
    return HealthValues(
        "",
        (
            HealthCheck("127.0.0.1:5432", True, None, 0.0008),
            HealthCheck("127.0.0.1:9000", ok, None, 0.0009 if ok else None, fault=refused),
        ),
    )


BENCH = "python scripts/query_benchmark.py"
POLICY = "python scripts/check_schema_policy.py"
HEALTHY: dict[str, Values | Fault] = {
    "units": units_healthy(),
    "bench": command(True, BENCH, "p95 212 ms, within 400 ms", NamedFigure("p95_s", 0.212, "s")),
    "policy": command(True, POLICY, "42 tables, all within the policy"),
    "certificates": certificates(64),
    "ports": ports(True),
    "cache": redis(),
    "dumps": files(21_600.0),
    "disk": disk(0.55),
    "host": host(),
    "journal": journal(0),
    "proxy": proxy(),
    "audit": audit(),
}
TROUBLED: dict[str, Values | Fault] = {
    **HEALTHY,
    "units": units_troubled(),
    "bench": command(False, BENCH, "p95 461 ms, more than 400 ms", NamedFigure("p95_s", 0.461, "s")),
    "policy": Fault(
        "timeout", f"{POLICY}: had not ended after 10 s, and was ended with all it had started", "a longer `timeout`"
    ),
    "certificates": certificates(6),
    "ports": ports(False),
    "dumps": files(190_000.0),
    "disk": disk(0.93),
    "journal": journal(),
}
