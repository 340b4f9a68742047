"""Each scenario really breaks something, and what an operator can do really repairs it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from services.demo import control
from services.demo.control import ControlFailed
from services.demo.mre import backups
from services.demo.mre.pools import POOLS
from services.demo.mre.scenarios import HELD
from services.demo.mre.scenarios.keeping import REPORTS
from services.demo.mre.traffic import GUESSER
from services.demo.objects import Objects, StorageError
from tests.demo import Demo, eventually
from tests.services.test_demo_stack import get


@pytest.fixture(autouse=True)
def as_found(demo: Demo) -> Iterator[None]:
    """Flags go back to what they were, and nothing is left broken."""
    yield
    control.repair(demo.control, "storage-outage")  # others put things into the store
    for scenario in control.scenarios(demo.control):
        if scenario.state == "on":
            control.repair(demo.control, scenario.name)
    demo.execute("DELETE FROM feature_flags WHERE name LIKE '%.concurrency'")
    demo.execute("UPDATE feature_flags SET enabled = name NOT LIKE 'api.%%v2', expires_at = NULL")


def switch(demo: Demo, name: str, enabled: bool, value: int | None = None) -> None:
    """As the console's action does it."""
    demo.execute(
        """INSERT INTO feature_flags AS f (name, enabled, value, changed_by) VALUES (%s, %s, %s, 'operator')
           ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, value = excluded.value""",
        name,
        enabled,
        value,
    )


def state(demo: Demo, name: str) -> str:
    return next(s.state for s in control.scenarios(demo.control) if s.name == name)


def requeue(demo: Demo, kind: str) -> None:
    demo.execute(
        """UPDATE jobs SET state = 'queued', run_at = now(), finished_at = NULL,
                  max_attempts = greatest(max_attempts, attempt + 1) WHERE state = 'failed' AND type = %s""",
        kind,
    )


def test_stale_locks_of_a_killed_pool_are_released_and_their_jobs_run_again(demo: Demo) -> None:
    assert control.start(demo.control, "stale-locks").state == "on"
    held = """FROM jobs j LEFT JOIN workers w ON w.id = j.locked_by
               WHERE j.state = 'running' AND j.locked_at < now() - interval '10 minutes'
                 AND w.heartbeat_at < now() - interval '10 minutes'"""
    assert demo.count(held) == HELD
    assert demo.execute("SELECT error <> '' FROM reaper_runs WHERE kind = 'stale-locks' ORDER BY id DESC LIMIT 1") == [
        (True,)
    ]
    assert state(demo, "stale-locks") == "on"
    ids = [row[0] for row in demo.execute(f"SELECT j.id {held}")]
    demo.execute(
        "UPDATE jobs SET state = 'queued', run_at = now(), locked_at = NULL, locked_by = NULL WHERE id = ANY (%s)", ids
    )
    eventually(lambda: state(demo, "stale-locks") == "repaired")
    eventually(lambda: demo.count("FROM jobs WHERE id = ANY (%s) AND state IN ('queued', 'running')", ids) == 0, 40)


def test_a_parser_regression_ends_when_its_family_is_off_and_the_failed_jobs_can_be_requeued(demo: Demo) -> None:
    control.start(demo.control, "parser-regression")
    failed = "FROM job_attempts WHERE parser_version = '4.3.0' AND outcome = 'failed'"
    eventually(lambda: demo.count(failed) >= 10)
    assert state(demo, "parser-regression") == "on"
    switch(demo, "formats.gpx", enabled=False)
    eventually(lambda: state(demo, "parser-regression") == "repaired")
    eventually(
        lambda: demo.count("FROM workers WHERE version = '4.3.0' AND heartbeat_at > now() - interval '5 s'") == 0
    )
    switch(demo, "formats.gpx", enabled=True)
    broken = [row[0] for row in demo.execute("SELECT id FROM jobs WHERE type = 'parse_raw' AND state = 'failed'")]
    requeue(demo, "parse_raw")
    eventually(
        lambda: demo.count("FROM jobs WHERE id = ANY (%s) AND state = 'succeeded'", broken) > 0.8 * len(broken), 40
    )


def test_a_fusion_backlog_lets_the_others_through_once_fusion_is_limited(demo: Demo) -> None:
    begun = control.start(demo.control, "fusion-backlog").since
    fusing = "FROM jobs WHERE type = 'fuse' AND state = 'running'"
    eventually(lambda: demo.count(fusing) == POOLS["process"])
    waiting = """FROM jobs WHERE type = 'normalise' AND state = 'queued' AND created_at > to_timestamp(%s)
                    AND run_at < now() - interval '3 seconds'"""
    eventually(lambda: demo.count(waiting, begun), 40)
    assert state(demo, "fusion-backlog") == "on"
    switch(demo, "jobs.fuse.concurrency", enabled=True, value=2)
    eventually(lambda: demo.count(fusing) <= 2, 40)
    eventually(lambda: demo.count(waiting, begun) == 0, 40)
    eventually(lambda: state(demo, "fusion-backlog") == "repaired", 40)
    demo.execute("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE type = 'fuse' AND state = 'queued'")


def test_a_storage_outage_fails_publishing_until_it_is_repaired(demo: Demo) -> None:
    control.start(demo.control, "storage-outage")
    refused = "FROM job_attempts WHERE error_code = 'STORAGE_WRITE_FAILED' AND type = 'publish_session'"
    eventually(lambda: demo.count(refused))
    switch(demo, "jobs.publish_session", enabled=False)
    waits = "FROM jobs WHERE type = 'publish_session' AND state IN ('queued', 'retry_wait')"
    eventually(lambda: demo.count(waits) >= 2)
    assert control.repair(demo.control, "storage-outage").state == "repaired"
    requeue(demo, "publish_session")
    switch(demo, "jobs.publish_session", enabled=True)
    eventually(lambda: demo.count(f"{waits} AND created_at < now() - interval '10 seconds'") == 0, 40)


def test_api_errors_end_with_the_flag(demo: Demo) -> None:
    ready = f"{demo.addresses.api}/api/ready"
    control.start(demo.control, "api-errors")
    eventually(lambda: get(ready).status == 503)
    assert "api.signer_v2" in json.loads(get(ready).text)["checks"]["signer"]
    assert get(f"{demo.addresses.api}/api/health").status == 200
    switch(demo, "api.signer_v2", enabled=False)
    eventually(lambda: state(demo, "api-errors") == "repaired")
    eventually(lambda: get(ready).status == 200)


def metric(demo: Demo, series: str) -> float:
    lines = dict(line.rsplit(" ", 1) for line in get(f"{demo.addresses.api}/metrics").text.splitlines())
    return float(lines[series])


def test_strange_logins_and_requests_for_links_are_counted_and_audited_until_they_are_stopped(demo: Demo) -> None:
    failed, links = 'login_attempts_total{outcome="failure"}', "signed_urls_issued_total"
    for name in ("login-failures", "auth-failures", "signed-url-spike"):
        control.start(demo.control, name)
    before = metric(demo, links)
    eventually(lambda: metric(demo, failed) >= 10 and metric(demo, links) >= before + 10)
    guessed = "FROM audit_events WHERE kind = 'login.failed' AND detail ->> 'ip' = %s"
    assert demo.count(guessed, GUESSER) >= 5
    assert demo.count("FROM (SELECT DISTINCT detail ->> 'account' FROM audit_events WHERE kind = 'login.failed') a") > 5
    switch(demo, "api.signed_urls", enabled=False)
    switch(demo, "api.token_key_v2", enabled=False)
    eventually(lambda: state(demo, "signed-url-spike") == state(demo, "auth-failures") == "repaired")
    assert control.repair(demo.control, "login-failures").state == "repaired"
    eventually(lambda: get(f"{demo.addresses.api}/api/datasets/1/url").status == 403)


def test_what_clients_hold_in_the_database_can_be_terminated_and_garbage_vacuumed(demo: Demo) -> None:
    for name in ("slow-queries", "db-pool", "disk"):
        control.start(demo.control, name)
    share = "SELECT count(*) > 0.8 * 57 FROM pg_stat_activity WHERE backend_type = 'client backend'"
    assert demo.execute(share) == [(True,)]
    running = "FROM pg_stat_activity WHERE application_name = 'mre-report' AND state = 'active'"
    eventually(lambda: demo.count(running) == REPORTS)
    demo.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mre-report'")
    demo.execute("SELECT pg_terminate_backend(min(pid)) FROM pg_stat_activity WHERE application_name = 'mre-import'")
    assert demo.execute("SELECT pg_relation_size('import_staging') > 150000000") == [(True,)]
    eventually(lambda: demo.count("FROM pg_stat_activity WHERE application_name = 'mre-report'") == 0)  # nor a snapshot
    demo.execute("VACUUM import_staging")
    eventually(lambda: {state(demo, name) for name in ("slow-queries", "db-pool", "disk")} == {"repaired"})
    assert demo.count("FROM pg_stat_activity WHERE application_name IN ('mre-report', 'mre-import')") == 0
    assert demo.execute("SELECT to_regclass('import_staging')") == [(None,)]


def test_what_is_overdue_is_seen_in_the_bucket_and_in_the_audit(demo: Demo) -> None:
    for name in ("backup-overdue", "retention-stalled", "elevation-at-night"):
        control.start(demo.control, name)
    completed = "FROM audit_events WHERE kind = 'retention.completed' AND at > now() - interval '1 day'"
    in_force = """FROM audit_events e WHERE kind = 'support.elevated' AND (detail ->> 'until')::timestamptz > now()
                     AND extract(hour FROM at AT TIME ZONE 'UTC') = 2 AND NOT EXISTS (SELECT FROM audit_events n
                     WHERE n.kind = 'support.elevation-ended' AND (n.detail ->> 'grant')::bigint = e.id)"""
    assert demo.count(completed) == 0 and demo.count(in_force) == 1
    store = Objects(demo.addresses.s3, "mre")
    with pytest.raises(StorageError, match="404"):
        store.get(backups.key())
    assert store.get(backups.key(days_ago=2))
    for name in ("backup-overdue", "retention-stalled", "elevation-at-night"):
        assert control.repair(demo.control, name).state == "repaired"
    assert demo.count(completed) == 1 and demo.count(in_force) == 0
    assert store.get(backups.key())
    store.close()


def test_a_repair_that_the_store_refuses_is_told_and_can_be_tried_again(demo: Demo) -> None:
    control.start(demo.control, "backup-overdue")
    control.start(demo.control, "storage-outage")
    with pytest.raises(ControlFailed, match="HTTP 503"):
        control.repair(demo.control, "backup-overdue")
    assert state(demo, "backup-overdue") == "on"
    control.repair(demo.control, "storage-outage")
    assert control.repair(demo.control, "backup-overdue").state == "repaired"


def test_an_unknown_scenario_is_refused_with_the_names_there_are(demo: Demo) -> None:
    with pytest.raises(ControlFailed, match="there are: stale-locks"):
        control.start(demo.control, "nothing")
