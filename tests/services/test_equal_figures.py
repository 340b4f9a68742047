"""Every figure of `status --json` against SQL written by hand, on tables, a bucket and an endpoint that stand still."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import create_backend_app
from werkzeug.serving import make_server

from services.actions.grants import roles_sql
from services.clock import SystemClock
from services.profile import Profile, load
from services.status import collect
from tests.conftest import Database

MRE = Path(__file__).parents[2] / "services" / "profiles" / "mre.toml"
TYPES = ("artifact_validate", "parse_raw", "normalise", "downsample_L1", "fuse", "detect_laps", "publish_session")
NEW = "reindex"  # a type that the profile does not name
SIZES = {"datasets/a": 10, "datasets/b": 200, "raw/c": 3000}
WINDOW = "finished_at > now() - interval '15 minutes'"

# 24,000 jobs: no end lies within a minute of an edge of a window, so that the seconds between two looks change nothing
FILL = f"""
CREATE TEMP TABLE made AS
SELECT i, (ARRAY{[*TYPES, NEW]})[1 + i % 8] AS type,
       CASE WHEN i > 23800 THEN (ARRAY['queued', 'running', 'retry_wait'])[1 + i / 8 % 3]
            WHEN i % 11 = 0 THEN 'failed' WHEN i % 53 = 0 THEN 'cancelled' ELSE 'succeeded' END AS state,
       now() - CASE WHEN i % 5 = 0 THEN interval '2 minutes' + i % 660 * interval '1 s'
                    ELSE interval '20 minutes' + i * interval '3 s' END AS at
  FROM generate_series(1, 24000) AS i;
INSERT INTO jobs (id, run_id, owner_user_id, type, state, attempt, run_at, started_at, finished_at, locked_at,
                  locked_by)
SELECT i, i / 8, i % 9, type, state, 1,
       CASE WHEN i > 23990 THEN now() + interval '1 h' ELSE at - i % 97 * interval '0.137 s' - interval '9 s' END,
       CASE WHEN state NOT IN ('queued', 'retry_wait') THEN at - (3 + i % 7) * interval '1.03 s' END,
       CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN at END,
       CASE WHEN state = 'running' THEN at - interval '3 h' END, CASE WHEN state = 'running' THEN 'w-' || i % 3 END
  FROM made;
INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code, error_message)
SELECT i, 1, type, 'w-1', at - interval '1 s', at,
       CASE WHEN i % 11 = 0 THEN 'failed' WHEN i % 13 = 0 THEN 'retry' ELSE 'succeeded' END,
       CASE WHEN i % 11 = 0 OR i % 13 = 0 THEN 'E' || i % 3 END, 'row ' || i FROM made WHERE i <= 23800;
INSERT INTO workers (id, pool, pid, version, heartbeat_at)
VALUES ('w-0', 'p', 1, '1', now() + interval '1 h'), ('w-1', 'p', 2, '1', now() - interval '1 h');
INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, created_at, usable_at, published_at,
                             finished_at)
SELECT i, 1, (ARRAY['S', 'M', 'L'])[1 + i % 3], status, at - interval '9 m', at - i % 31 * interval '1.7 s',
       CASE WHEN status IN ('succeeded', 'partial') AND i % 17 > 0 THEN at END,
       CASE WHEN status NOT IN ('queued', 'running') THEN at END
  FROM (SELECT i, now() - interval '1 m' - i * interval '97 s' AS at,
               (ARRAY['succeeded', 'succeeded', 'partial', 'failed', 'running', 'queued', 'cancelled'])[1 + i % 7]
               AS status
          FROM generate_series(1, 1200) AS i) AS r;
INSERT INTO feature_flags (name, enabled, changed_by) VALUES ('jobs.fuse', false, 'ada');
"""
# One that waits, one that nobody answered, and three approved ones: in force, over by its time, ended before it.
ELEVATED = """
INSERT INTO watchdeck.elevation (id, who, db_user, what, reason, minutes, asked_at, approved_by, approved_user,
                                 approved_at, until, ended_at)
SELECT gen_random_uuid(), 'sue', 'support', 'all', 'ticket ' || i, 15, now() - asked, 'olga', 'olga', given,
       given + interval '15 minutes', CASE WHEN i = 5 THEN given + interval '1 s' END
  FROM (VALUES (1, interval '9 m', NULL), (2, interval '2 h', NULL), (3, interval '9 m', now() - interval '2 m'),
               (4, interval '3 h', now() - interval '1 h'), (5, interval '9 m', now() - interval '3 m'))
       AS e (i, asked, given);
INSERT INTO watchdeck.restricted_read (elevation, who, db_user, read, params, rows)
SELECT id, who, db_user, 'job-payload', jsonb_build_object('id', i), nullif(i, 2)
  FROM watchdeck.elevation, generate_series(1, 3) AS i WHERE reason = 'ticket 4';
"""


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/api/ready" else 200)
        self.end_headers()
        self.wfile.write(b"requests_total 12\n" if self.path == "/metrics" else b'{"version": "7.1"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


def _serving(server: Any) -> Iterator[str]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def api() -> Iterator[str]:
    yield from _serving(ThreadingHTTPServer(("127.0.0.1", 0), Healthy))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    for url in _serving(make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True)):
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
        client.create_bucket(Bucket="mre")
        for key, size in SIZES.items():
            client.put_object(Bucket="mre", Key=key, Body=b"x" * size)
        yield url


@pytest.fixture
def profile(mre: Database, api: str, s3: str, monkeypatch: pytest.MonkeyPatch) -> Profile:
    mre.execute(FILL)
    mre.execute("VACUUM (ANALYZE)")
    mre.execute(roles_sql(load(MRE)))
    mre.execute(ELEVATED)
    for name, value in (("DSN", mre.dsn), ("API", api), ("S3", s3), ("ENVIRONMENT", "test")):
        monkeypatch.setenv(f"MRE_{name}", value)
    return load(MRE)


def close_to(figure: object) -> object:
    """Equal but for how floats add up."""
    return pytest.approx(figure, rel=1e-9, abs=1e-9)


def check_depths(mre: Database, types: Mapping[str, Any]) -> None:
    state = "CASE WHEN state <> 'queued' THEN state WHEN run_at <= now() THEN 'waiting' ELSE 'scheduled' END"
    by_hand = dict.fromkeys(((t, s) for t in types for s in ("waiting", "scheduled", "running", "retry_wait")), 0)
    for type_, name, count in mre.execute(f"SELECT type, {state}, count(*) FROM jobs GROUP BY 1, 2"):
        by_hand[str(type_), str(name)] = count  # type: ignore[assignment]
    for (type_, name), count in by_hand.items():
        if name == "succeeded":  # in a large table an estimate, and it says so
            assert types[type_][name]["estimated"] is True
            assert types[type_][name]["value"] == pytest.approx(count, rel=0.1)
        elif name != "cancelled":
            assert types[type_][name] == count, (type_, name)


def check_waits(mre: Database, types: Mapping[str, Any], total: Mapping[str, Any], slack_s: float) -> None:
    oldest = "extract(epoch FROM now() - min(run_at))::float8"
    for type_, seconds in mre.execute(
        f"SELECT type, {oldest} FROM jobs WHERE state = 'queued' AND run_at <= now() GROUP BY 1"
    ):
        assert seconds - slack_s <= types[str(type_)]["oldest_wait_s"] <= seconds  # type: ignore[operator]
    keys = ("wait_p50_s", "wait_p95_s", "duration_p50_s", "duration_p95_s", "failure_rate")
    by_hand = f"""
        SELECT coalesce(type, 'all'), percentile_cont(0.5) WITHIN GROUP (ORDER BY wait),
               percentile_cont(0.95) WITHIN GROUP (ORDER BY wait), percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
               percentile_cont(0.95) WITHIN GROUP (ORDER BY took), avg((state = 'failed')::int)::float8
          FROM (SELECT type, state, extract(epoch FROM started_at - run_at)::float8 AS wait,
                       extract(epoch FROM finished_at - started_at)::float8 AS took
                  FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled') AND {WINDOW}) AS ended
         GROUP BY ROLLUP (type)"""
    told = mre.execute(by_hand)
    assert len(told) == 1 + len(types)
    for type_, *figures in told:
        row = total if type_ == "all" else types[str(type_)]
        assert [row[key] for key in keys] == close_to(figures), type_


def check_tries(mre: Database, queue: Mapping[str, Any]) -> None:
    rate = "avg((outcome = 'retry')::int)::float8"
    for type_, retried in mre.execute(f"SELECT type, {rate} FROM job_attempts WHERE {WINDOW} GROUP BY 1"):
        assert queue["types"][type_]["retry_rate"] == close_to(retried)
    codes = f"""SELECT error_code, type, count(*), extract(epoch FROM max(finished_at))::float8 FROM job_attempts
                 WHERE {WINDOW} AND outcome IN ('retry', 'failed') GROUP BY 1, 2"""
    found = {(g["error_code"], g["type"]): (g["count"], g["last_at"]) for g in queue["failures"]}
    by_hand = {(code, type_): (count, close_to(at)) for code, type_, count, at in mre.execute(codes)}
    assert len(by_hand) > 10 and found == by_hand


def check_locks(mre: Database, queue: Mapping[str, Any]) -> None:
    ((dead, owned),) = mre.execute("""
        SELECT count(*) FILTER (WHERE w.id IS NULL), count(w.id) FROM jobs AS j
          LEFT JOIN workers AS w ON w.id = j.locked_by AND w.heartbeat_at > now() - interval '30 s'
         WHERE j.state = 'running' AND j.locked_at < now() - interval '30 min'""")
    assert dead and owned
    assert (queue["stale_count"], queue["stuck_count"]) == (dead, owned)
    assert sum(lock["dead"] for lock in queue["stale_locks"]) == dead


def check_runs(mre: Database, runs: Mapping[str, Any]) -> None:
    recently = "> now() - interval '1 h'"  # the window of the shipped profile
    by_status = mre.execute(f"""SELECT status, count(*) FROM processing_runs
                                 WHERE finished_at {recently} OR status IN ('queued', 'running') GROUP BY 1""")
    assert runs["by_status"] == {str(status): count for status, count in by_status}
    (shares,) = mre.execute(f"""
        SELECT avg((status = 'partial')::int)::float8, avg((status = 'failed')::int)::float8,
               avg((published_at IS NOT NULL)::int) FILTER (WHERE status <> 'cancelled')::float8
          FROM processing_runs WHERE finished_at {recently}""")
    assert [runs["partial_share"], runs["failed_share"], runs["publish_success"]] == close_to([*shares])
    took = "extract(epoch FROM usable_at - created_at)::float8"
    usable = mre.execute(f"""
        SELECT size_class, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY {took}),
               percentile_cont(0.95) WITHIN GROUP (ORDER BY {took})
          FROM processing_runs WHERE usable_at {recently} GROUP BY 1 ORDER BY 1""")
    found = [(u["size_class"], u["count"], u["p50_s"], u["p95_s"]) for u in runs["usable"]]
    assert [row[:2] for row in found] == [row[:2] for row in usable]
    assert [row[2:] for row in found] == [close_to(row[2:]) for row in usable]


def check_elevations(mre: Database, told: Mapping[str, Any]) -> None:
    by_hand = mre.execute("""
        SELECT reason, extract(epoch FROM until)::float8,
               CASE WHEN approved_at IS NULL THEN CASE WHEN asked_at > now() - interval '1 h' THEN 'waiting'
                    ELSE 'lapsed' END WHEN ended_at IS NOT NULL THEN 'ended'
                    WHEN until > now() THEN 'in force' ELSE 'expired' END,
               (SELECT count(*) FROM watchdeck.restricted_read AS r WHERE r.elevation = e.id)
          FROM watchdeck.elevation AS e ORDER BY asked_at DESC""")
    found = [(e["reason"], e["until"], e["state"], e["reads"]) for e in told["elevations"]]
    assert sorted(found) == sorted((reason, until, state, reads) for reason, until, state, reads in by_hand)
    assert {state for _, _, state, _ in found} == {"waiting", "lapsed", "in force", "expired", "ended"}
    ((left,),) = mre.execute("SELECT extract(epoch FROM until - now())::float8 FROM watchdeck.elevation"
                             " WHERE reason = 'ticket 3'")  # fmt: skip
    (lasting,) = told["in_force"]
    assert left <= lasting["left_s"] <= left + 15.0  # type: ignore[operator]
    rows = mre.execute("SELECT params ->> 'id', rows FROM watchdeck.restricted_read ORDER BY id DESC")
    assert [(read["params"].removeprefix("id="), read["rows"]) for read in told["reads"]] == rows


async def test_every_figure_equals_sql_by_hand(mre: Database, profile: Profile) -> None:
    found = json.loads(json.dumps(await collect(profile, SystemClock(), 20.0), allow_nan=False))
    assert [name for name, reading in found["readings"].items() if reading["error"]] == []
    queue = found["queues"]["jobs"]
    assert set(queue["types"]) == {*TYPES, NEW}
    check_depths(mre, queue["types"])
    check_waits(mre, queue["types"], queue["total"], slack_s=15.0)
    check_tries(mre, queue)
    check_locks(mre, queue)
    check_runs(mre, queue["runs"])
    check_elevations(mre, found["readings"]["elevation"]["values"])
    assert [type_ for type_, row in queue["types"].items() if row["paused"]] == ["fuse"]


async def test_storage_and_health_are_what_is_there(profile: Profile) -> None:
    found = await collect(profile, SystemClock(), 20.0)
    storage, health = found["storage"]["storage"], found["health"]["api"]
    canary = storage["objects"] - len(SIZES)  # written by the poll itself, before or after it was counted
    assert canary in (0, 1) and storage["bytes"] - sum(SIZES.values()) in (0, 58)
    assert storage["prefixes"] == [
        {"prefix": "datasets/", "objects": 2, "bytes": 210},
        {"prefix": "raw/", "objects": 1, "bytes": 3000},
    ]
    assert storage["newest_key"] in {"datasets/a", "datasets/b"}  # written within the same second
    assert {check["path"]: (check["ok"], check["status"], check["version"]) for check in health["checks"]} == {
        "/api/health": (True, 200, "7.1"),
        "/api/ready": (False, 503, "7.1"),
        "/api/version": (True, 200, "7.1"),
    }
    alerts = {alert["rule"]: (alert["state"], alert["value"]) for alert in found["alerts"]}
    assert alerts["service-down"] == ("firing", 1)
