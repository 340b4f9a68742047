"""The running stack: real work gets done, and the API and the store tell the truth about it."""

from __future__ import annotations

import json
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass

from services.demo import control
from tests.demo import Demo, eventually

PUBLISHED = "FROM processing_runs WHERE published_at IS NOT NULL AND status IN ('succeeded', 'partial')"


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


def get(url: str) -> Answer:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


def test_runs_are_carried_through_to_datasets_that_are_really_in_the_store(demo: Demo) -> None:
    eventually(lambda: demo.count(PUBLISHED))
    [(key, size)] = demo.execute("SELECT object_key, bytes FROM datasets ORDER BY id LIMIT 1")
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=demo/20260101/us-east-1/s3/aws4_request"}
    asked = urllib.request.Request(f"{demo.addresses.s3}/mre/{key}", headers=signed)
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert len(answer.read()) == size


def test_the_console_connects_as_an_operator_who_may_not_write_by_hand(demo: Demo) -> None:
    import psycopg
    import pytest

    dsn = demo.profile.sources["db"].dsn  # type: ignore[union-attr]
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT pg_has_role('watchdeck_operator', 'MEMBER')").fetchone() == (True,)
        assert connection.execute("SELECT count(state) FROM jobs").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE jobs SET state = 'queued'")


def test_health_ready_and_version_answer(demo: Demo) -> None:
    assert json.loads(get(f"{demo.addresses.api}/api/health").text)["status"] == "ok"
    assert json.loads(get(f"{demo.addresses.api}/api/ready").text)["checks"] == {"database": "ok", "storage": "ok"}
    assert json.loads(get(f"{demo.addresses.api}/api/version").text)["version"]
    assert get(f"{demo.addresses.api}/nowhere").status == 404


def test_metrics_count_requests_and_their_latency(demo: Demo) -> None:
    get(f"{demo.addresses.api}/api/version")
    text = get(f"{demo.addresses.api}/metrics").text
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    answered = int(samples['http_requests_total{method="GET",route="/api/version",status="200"}'])
    assert answered >= 1
    assert int(samples['http_request_duration_seconds_count{route="/api/version"}']) == answered
    assert int(samples['http_request_duration_seconds_bucket{route="/api/version",le="+Inf"}']) == answered
    eventually(lambda: "/api/runs/:id/progress" in get(f"{demo.addresses.api}/metrics").text)  # it has users


def test_a_worker_pool_that_dies_is_replaced(demo: Demo) -> None:
    import os
    import signal

    alive = "SELECT id, pid FROM workers WHERE pool = 'publish' AND heartbeat_at > now() - interval '5 seconds'"
    eventually(lambda: demo.execute(alive))
    [(worker, pid)] = demo.execute(alive)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: any(row[0] != worker for row in demo.execute(alive)))


def test_the_control_address_is_a_secret(demo: Demo) -> None:
    assert get(demo.control).status == 200
    assert get(demo.control.rsplit("/", 1)[0] + "/guess").status == 404
    assert {s.name for s in control.scenarios(demo.control)} == set(
        tomllib.loads(demo.profile_path.read_text())["demo"]["scenarios"]
    )
