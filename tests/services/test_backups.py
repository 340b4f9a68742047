"""Dumped, restored and proved equal; and whatever is not equal, not whole or not ours is found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from services.actions.plan import Outcome
from services.actions.settle import settle
from services.demo.postgres import Cluster, find_binaries
from services.demo.s3 import Fault, Faulty
from services.errors import ActionError
from services.records.report import Report, newest
from services.records.store import Records
from tests.actions import until
from tests.buckets import Bucket, bucket, serving
from tests.conftest import Database
from tests.outside import Bench, bench, program

BIN = find_binaries()
TABLES = ["public.sessions", "public.jobs", "public.audit_events"]


@pytest.fixture(scope="module")
def store() -> Iterator[tuple[str, Faulty]]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def filled(mre_of_module: Database) -> Database:
    mre_of_module.execute(
        "INSERT INTO sessions (owner_user_id, size_class, format_family) SELECT i % 7, 'S', 'gpx' FROM generate_series(1, 500) i"
    )
    mre_of_module.execute(
        """INSERT INTO audit_events (actor, kind, detail, at)
           SELECT 'a', 'x', jsonb_build_object('v', 1.5 * i), now() - i * interval '1 h' FROM generate_series(1, 300) i"""
    )
    mre_of_module.execute("CREATE TABLE deletion_ledger (session_id bigint, completed_at timestamptz)")
    return mre_of_module


@dataclass
class Shelf:
    """A profile with both actions, a database and a bucket."""

    bench: Bench
    bucket: Bucket
    database: Database
    folder: Path

    async def dumped(self) -> str:
        """The key of a new dump."""
        outcome = await self.bench.do("backup-now")
        assert outcome.word == "done", outcome.message
        [key] = [key for key in self.bucket.keys if key.endswith(".dump")]
        return key

    async def tested(self) -> tuple[Outcome, Report]:
        outcome = await self.bench.do("restore-test")
        report = newest(Records.of(self.bench.profile), "restore-test")
        assert report
        return outcome, report

    @property
    def scratches(self) -> list[str]:
        found = self.database.execute("SELECT datname FROM pg_database WHERE datname LIKE 'watchdeck%'")
        return [str(row[0]) for row in found]


def profile(database: Database, kept: Bucket, **more: str) -> str:
    lines = {
        "tables": json.dumps(TABLES),
        "pg_dump": json.dumps([str(BIN / "pg_dump")]),
        "pg_restore": json.dumps([str(BIN / "pg_restore")]),
        "capacity": '"1TB"',
        **more,
    }
    return f"""
[sources.db]
kind = "postgres"
dsn = "{database.dsn}"
[sources.bucket]
kind = "bucket"
endpoint = "{kept.url}"
bucket = "{kept.name}"
credentials_file = "{kept.credentials}"
[actions.backup-now]
title = "Back up now"
effect = "backup"
database = "db"
store = "bucket"
name = "mre-%Y-%m-%dT%H%M%SZ.dump"
tables = {lines["tables"]}
pg_dump = {lines["pg_dump"]}
ledger = "SELECT count(*) FROM deletion_ledger"
[actions.restore-test]
title = "Restore test"
effect = "restore-test"
backup = "backup-now"
pg_restore = {lines["pg_restore"]}
capacity = {lines["capacity"]}
[actions.restore-test.smoke.sessions]
title = "there are sessions"
query = "SELECT count(*) FROM sessions"
[actions.restore-test.deletions]
ids = "SELECT session_id::text FROM deletion_ledger WHERE completed_at > %(since)s"
apply = ["DELETE FROM sessions WHERE id::text = ANY (%(ids)s)"]
left = "SELECT count(*) FROM sessions WHERE id::text = ANY (%(ids)s)"
"""


@pytest.fixture
def shelf(filled: Database, store: tuple[str, Faulty], tmp_path: Path) -> Iterator[Shelf]:
    with bucket(store, tmp_path) as kept:
        yield Shelf(bench(tmp_path, profile(filled, kept)), kept, filled, tmp_path)
        filled.execute("TRUNCATE deletion_ledger")


async def test_what_is_restored_equals_what_was_dumped_and_what_was_deleted_since_does_not_come_back(
    shelf: Shelf,
) -> None:
    plan = await shelf.bench.plan("backup-now")
    assert "mre_" in plan.changes[0] and "3 tables whole" in plan.changes[1]
    key = await shelf.dumped()
    manifest = json.loads(shelf.bucket.get(key + ".json"))
    assert manifest["bytes"] == len(shelf.bucket.get(key)) and manifest["ledger"] == "0"
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == dict(zip(TABLES, (500, 0, 300)))
    report = newest(Records.of(shelf.bench.profile), "backup-now")
    assert report and report.passed and report.figures["bytes"] == manifest["bytes"]
    shelf.database.execute("INSERT INTO deletion_ledger VALUES (7, now()), (8, now() - interval '3 days')")
    outcome, report = await shelf.tested()
    assert (outcome.word, report.passed) == ("done", True), outcome.message
    said = {line.what: line.said for line in report.lines}
    assert said["public.sessions"] == "500 rows, as they were dumped"
    assert said["deletions since the dump"] == "1 applied, and nothing of them is there any more"
    assert said["there are sessions"].startswith("499,")
    assert shelf.scratches == [] and shelf.bench.journal.verify().ok
    assert [one.word for one in await settle(shelf.bench.profile, shelf.bench.journal, "alice")] == []


@pytest.mark.parametrize(
    ("does", "found"),
    [
        ("flip", "checksum of the dump"),
        ("cut", "size of the dump"),
        ("flip, without a manifest", "restoring"),
        ("another row", "public.sessions"),
    ],
)
async def test_a_dump_that_is_not_as_it_was_written_is_found(shelf: Shelf, does: str, found: str) -> None:
    key = await shelf.dumped()
    body = shelf.bucket.get(key)
    manifest = json.loads(shelf.bucket.get(key + ".json"))
    if does == "another row":
        shelf.database.execute("UPDATE sessions SET owner_user_id = 99 WHERE id = 12")
        argv = [str(BIN / "pg_dump"), "-Fc", shelf.database.dsn]
        body = subprocess.run(argv, capture_output=True, check=True).stdout
        shelf.database.execute("UPDATE sessions SET owner_user_id = 12 % 7 WHERE id = 12")
        import hashlib

        manifest |= {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
        shelf.bucket.put(key + ".json", json.dumps(manifest).encode())
    elif does == "cut":
        body = body[: len(body) * 2 // 3]
    else:
        at = len(body) - 2000
        body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        if "without" in does:
            shelf.bucket.client.delete_object(Bucket=shelf.bucket.name, Key=key + ".json")
    shelf.bucket.put(key, body)
    outcome, report = await shelf.tested()
    assert outcome.word == "partial" and "NOT PASSED" in outcome.message and not report.passed
    assert found in [line.what for line in report.lines if line.word == "failed"], report.lines
    assert shelf.scratches == []
