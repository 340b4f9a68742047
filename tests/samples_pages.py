"""What views with pages show beside `tests.samples`: sources, readings, an API's endpoints, and four hours before."""

from __future__ import annotations

import math
from collections.abc import Iterator

from services.readings import AtLeast, EndpointFigures, EndpointsFigures, MetricsValues, Unknown, Values
from tests import samples, samples_database, samples_reach
from tests.moment import NOW

# sources that the shipped profile has no use for
PROFILE = """
[sources.bucket.arrivals.nightly]
prefix = "pg/"
every = "26h"
min_share = 0.5

[sources.bucket.arrivals.wal]
prefix = "wal/"
every = "15m"

[sources.minio]
kind = "minio"
url = "http://10.0.0.1:9000"

[sources.pools]
kind = "pgbouncer"
dsn = "host=127.0.0.1 port=6432"

[rules.minio-full]
title = "MinIO fills up"
source = "minio"
figure = "used_share"
value = 0.7

[rules.waiting]
title = "Too many jobs wait"
source = "jobs"
figure = "total.waiting"
value = 5_000
"""
PAGE = MetricsValues("http://127.0.0.1:3000/metrics", (), (), NOW - 86_400, 812, 94_000)
HEALTHY: dict[str, Values] = {
    **samples.HEALTHY,
    "statements": samples_database.statements(),
    "tables": samples_database.tables(),
    "bucket": samples_reach.bucket_healthy(),
    "minio": samples_reach.minio_healthy(),
    "pools": samples_database.pools(),
    "api-metrics": PAGE,
}
TROUBLED: dict[str, Values] = {
    **samples.TROUBLED,
    "statements": samples_database.statements(),
    "tables": samples_database.tables_troubled(),
    "bucket": samples_reach.bucket_troubled(),
    "minio": samples_reach.minio_troubled(),
    "pools": samples_database.pools_troubled(),
    "api-metrics": PAGE,
}


def endpoints() -> EndpointsFigures:
    """One that fails, one that is slow beyond the histogram's last bucket, and one that nobody asked often enough."""
    few = Unknown("no data yet", "3 requests: too few for a quantile")
    return EndpointsFigures(
        (
            EndpointFigures("/api/sessions", 41_200, 137.3, 0.011, 0.0, 0.021, 0.089, 0.31, 0.012),
            EndpointFigures("/api/datasets/:id", 9_800, 32.7, 0.004, 0.043, 0.19, 1.42, AtLeast(5), 0.87),
            EndpointFigures("/api/runs/:id/progress", 3_100, 10.3, 0.0, 0.0004, 0.008, 0.031, 0.044, 0.004),
            EndpointFigures("/api/admin/flags", 3, 0.01, 0.333, 0.0, few, few, few, few),
        ),
        EndpointFigures("", 54_103, 180.3, 0.009, 0.0079, 0.034, 0.62, 2.9, 0.21),
        300.0,
        1.0,
    )


# source, path, value four hours ago, value now
_COURSES = (
    ("storage", "read_p95_s", 0.02, 0.74),
    ("storage", "recent_write_errors", 0.0, 0.05),
    ("minio", "used_share", 0.55, 0.61),
    ("db", "saturation", 0.22, 0.91),
    ("db", "replication.lag_s", 0.2, 4.0),
    ("statements", "slow_count", 4, 31),
    ("jobs", "total.waiting", 60, 11_000),
    ("api-metrics", "requests.p95_s", 0.08, 0.62),
    ("api-metrics", "requests.share_5xx", 0.0001, 0.0079),
    ("api-metrics", "requests.per_second", 90, 180),
)
_MINUTES = 240
_GAP = range(90, 105)  # minutes in which nobody watched


def before() -> Iterator[tuple[str, str, float, float | None]]:
    """Minute by minute, as a console that was closed a moment ago has left them."""
    for source, path, first, last in _COURSES:
        for minute in range(_MINUTES):
            part = minute / _MINUTES
            wave = 1 + 0.15 * math.sin(minute / 7)
            value = (first + (last - first) * part**4) * wave
            yield source, path, NOW - 60 * (_MINUTES - minute), None if minute in _GAP else value
