"""What one poll of a queue costs the server, statement by statement.

    python tests/bench/poll_cost.py                  200,000 jobs in a scratch PostgreSQL
    python tests/bench/poll_cost.py --jobs 1000000

Prints a table and one JSON line: median milliseconds and buffers of each statement, the whole poll, the share of one
core that polling every 2 s costs the server, and whether any statement reads a table from end to end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from services import profile as profiles
from services.clock import SystemClock
from services.database import Database
from services.demo.postgres import Cluster
from services.sources.queue import Queue

INTERVAL_S = 2.0
TYPES = (
    "ARRAY['artifact_validate', 'parse_raw', 'normalise', 'downsample_L1', 'fuse', 'detect_laps', 'publish_session']"
)

# 95 % succeeded, 4 % failed, 1 % live (at most 20,000), and in the last quarter of an hour 20 jobs a second at most
JOBS = f"""
INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, created_at, run_at, started_at, finished_at, locked_at,
                  locked_by, last_error_code)
SELECT i / 7, i % 1000, ({TYPES})[1 + i % 7], state, 1, due, due,
       CASE WHEN state NOT IN ('queued', 'retry_wait') THEN due + i % 19 * interval '0.5 s' END,
       CASE WHEN state IN ('succeeded', 'failed') THEN due + (30 + i % 60) * interval '1 s' END,
       CASE WHEN state = 'running' THEN due END, CASE WHEN state = 'running' THEN 'w-' || i % 40 END,
       CASE WHEN state = 'failed' THEN 'CODE_' || i % 12 END
  FROM (SELECT i, now() - interval '90 s' - i * interval '0.05 s' AS due,
               CASE WHEN i <= least(%(jobs)s / 100, 20000)
                    THEN (ARRAY['queued', 'queued', 'retry_wait', 'running'])[1 + i % 4]
                    WHEN i % 25 = 0 THEN 'failed' ELSE 'succeeded' END AS state
          FROM generate_series(1, %(jobs)s) AS i) AS made
"""
ATTEMPTS = """
INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code, error_message)
SELECT id, 1, type, 'w-1', started_at, finished_at, CASE WHEN state = 'failed' THEN 'failed' ELSE 'succeeded' END,
       last_error_code, CASE WHEN state = 'failed' THEN 'what went wrong, in a sentence of some length' END
  FROM jobs WHERE finished_at IS NOT NULL
"""
WORKERS = """
INSERT INTO workers (id, pool, pid, version, heartbeat_at)
SELECT 'w-' || i, 'cpu', i, '1.0', now() - i * interval '1 s' FROM generate_series(0, 39) i
"""


def fill(dsn: str, jobs: int) -> None:
    demo = resources.files("services.demo.mre")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((demo / "schema.sql").read_text())
        connection.execute(JOBS.replace("%(jobs)s", str(jobs)))
        connection.execute(ATTEMPTS)
        connection.execute(WORKERS)
        connection.execute((demo / "indexes.sql").read_text())
        connection.execute("VACUUM (ANALYZE)")


@contextmanager
def scratch(jobs: int) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-bench-"))
    server = Cluster(folder)
    try:
        server.initialise()
        server.start()
        fill(server.dsn(), jobs)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from scanned(child)


async def statement_costs(queue: Queue, database: Database, runs: int) -> dict[str, dict[str, Any]]:
    """Each statement as it is asked in a poll that follows another, by EXPLAIN (ANALYZE, BUFFERS)."""
    costs = {}
    for name, (sql, params) in queue.statements().items():
        times, buffers, tables = [], 0, set()
        for _ in range(runs):
            (row,) = await database.rows(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params, timeout=60.0)
            answer = row["QUERY PLAN"][0]
            times.append(answer["Planning Time"] + answer["Execution Time"])
            buffers = answer["Plan"]["Shared Hit Blocks"] + answer["Plan"]["Shared Read Blocks"]
            tables = set(scanned(answer["Plan"])) & {"jobs", "job_attempts"}
        costs[name] = {"ms": round(statistics.median(times), 2), "buffers": buffers, "seq_scan": sorted(tables)}
    return costs


def server_cpu(server: Cluster) -> float:
    """Seconds of CPU of the server and all its processes, those that have ended included."""
    assert server.process is not None
    top = psutil.Process(server.process.pid)
    total = 0.0
    for process in (top, *top.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def measure(server: Cluster, runs: int, seconds: float) -> dict[str, Any]:
    spec = profiles.load(profiles.find("mre") or Path()).sources["jobs"]
    assert isinstance(spec, profiles.QueueSource)
    database = Database(server.dsn(), "db", SystemClock(), timeout=10.0)
    queue = Queue(
        "jobs", spec.model_copy(update={"timeout": 10.0}), profiles.mapping_of(spec, "jobs"), database, SystemClock()
    )
    try:
        started = time.perf_counter()
        await queue.fetch()
        first = time.perf_counter() - started
        polls = []
        for _ in range(runs):
            started = time.perf_counter()
            await queue.fetch()
            polls.append(time.perf_counter() - started)
        statements = await statement_costs(queue, database, runs)
        before, begun = server_cpu(server), time.perf_counter()
        while time.perf_counter() - begun < seconds:
            await queue.fetch()
            await asyncio.sleep(INTERVAL_S)
        share = (server_cpu(server) - before) / (time.perf_counter() - begun)
    finally:
        await database.close()
    return {
        "first_poll_ms": round(first * 1000, 1),
        "poll_ms": round(statistics.median(polls) * 1000, 1),
        "statements": statements,
        "server_cpu_share": round(share, 4),
        "seq_scan": any(cost["seq_scan"] for cost in statements.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the server's CPU is watched")
    args = parser.parse_args()
    started = time.perf_counter()
    with scratch(args.jobs) as server:
        filled = time.perf_counter() - started
        result = {"jobs": args.jobs, "fill_s": round(filled, 1)}
        result |= asyncio.run(measure(server, args.runs, args.seconds))
    print(f"{args.jobs:,} jobs, filled in {filled:.1f} s\n{'statement':<14}{'ms':>9}{'buffers':>9}  seq scan")
    for name, cost in result["statements"].items():
        print(f"{name:<14}{cost['ms']:>9.2f}{cost['buffers']:>9}  {', '.join(cost['seq_scan']) or 'no'}")
    print(f"first poll {result['first_poll_ms']} ms, each later one {result['poll_ms']} ms, with the console's part")
    print(f"server CPU at a poll every {INTERVAL_S:g} s: {result['server_cpu_share']:.2%} of a core")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
