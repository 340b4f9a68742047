"""Times the API's real queries. Thresholds from the environment: of a query's mean, and of the P95 of all."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psycopg

ROUNDS = 20
QUERIES = {
    "newest": "SELECT id, source, received_at FROM events ORDER BY id DESC LIMIT 20",
    "stats": "SELECT source, count(*) FROM events WHERE received_at > now() - interval '1 hour' GROUP BY 1",
    "open": "SELECT count(*) FROM events WHERE processed_at IS NULL",
    "one source": "SELECT count(*), max(received_at) FROM events WHERE source = 'sensor-7'",
}


def times(database: psycopg.Connection[tuple[object, ...]], query: str) -> list[float]:
    """Milliseconds."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        database.execute(query).fetchall()
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> int:
    most = float(os.environ.get("BENCH_FAIL_THRESHOLD_MS", "250"))
    most_p95 = float(os.environ.get("BENCH_FAIL_P95_THRESHOLD_MS", "400"))
    with psycopg.connect((Path(__file__).parents[1] / "dsn").read_text(), connect_timeout=5) as database:
        measured = {name: times(database, query) for name, query in QUERIES.items()}
    means = {name: sum(each) / len(each) for name, each in measured.items()}
    every = sorted(value for each in measured.values() for value in each)
    p95 = every[int(len(every) * 0.95)]
    worst = max(means, key=lambda name: means[name])
    print(f"slowest: {worst}")
    print(f"mean_ms: {means[worst]:.2f} (at most {most:g})")
    print(f"p95_ms: {p95:.2f} (at most {most_p95:g})")
    return int(means[worst] > most or p95 > most_p95)


if __name__ == "__main__":
    sys.exit(main())
