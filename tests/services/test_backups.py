"""Dumped, restored and proved equal; and whatever is not equal, not whole or not ours is found."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.action_trial import trials
from services.actions.journal import Journal
from services.actions.plan import Outcome
from services.actions.settle import settle
from services.clock import SystemClock
from services.demo.postgres import find_binaries
from services.demo.s3 import Fault, Faulty
from services.errors import ActionError
from services.lint import check
from services.profile import BackupsSource, find
from services.readings import NOT_CONFIGURED, BackupsValues, Unknown
from services.records.report import Report, newest
from services.records.store import Records
from services.sources import Parts, build, make
from tests.actions import until
from tests.buckets import Bucket, bucket, serving
from tests.conftest import Database
from tests.outside import BASE, Bench, bench, program

BIN = find_binaries()
BUSY_S = 60.0  # a process of its own takes its time to begin on a busy machine
TABLES = ["public.sessions", "public.jobs", "public.audit_events"]


@pytest.fixture(scope="module")
def store() -> Iterator[tuple[str, Faulty]]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def filled(mre_of_module: Database) -> Database:
    mre_of_module.execute(
        """INSERT INTO sessions (owner_user_id, size_class, format_family)
           SELECT i % 7, 'S', 'gpx' FROM generate_series(1, 500) i"""
    )
    mre_of_module.execute(
        """INSERT INTO audit_events (actor, kind, detail, at) SELECT 'a', 'x', jsonb_build_object('v', 1.5 * i), now()
             FROM generate_series(1, 300) i"""
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
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == dict(
        zip(TABLES, (500, 0, 300), strict=True)
    )
    report = newest(Records.of(shelf.bench.profile), "backup-now")
    assert report and report.passed and report.figures["bytes"] == manifest["bytes"]
    shelf.database.execute("INSERT INTO deletion_ledger VALUES (7, now()), (8, now() - interval '3 days')")
    outcome, report = await shelf.tested()
    assert (outcome.word, report.passed) == ("done", True), outcome.message
    said = {line.what: line.said for line in report.lines}
    counted = manifest["tables"]["public.sessions"]
    assert said["public.sessions"] == f"500 rows, as they were dumped: sum {counted['sum']}"
    assert by_hand(shelf.database, "sessions") == (counted["rows"], counted["sum"])
    assert said["deletions since the dump"] == "1 applied, and nothing of them is there any more"
    assert said["there are sessions"].startswith("499,")
    values = await looked_at(shelf)
    [dump] = values.dumps
    assert (dump.key, dump.described, dump.tested, values.leftovers) == (key, True, "passed", 0)
    assert [one.of for one in values.reports] == ["restore-test", "backup-now"] and values.newest_age_s < 60  # type: ignore[operator]
    assert shelf.scratches == [] and shelf.bench.journal.verify().ok
    assert [one.word for one in await settle(shelf.bench.profile, shelf.bench.journal, "alice")] == []


def by_hand(database: Database, table: str) -> tuple[object, ...]:
    """Rows and their sum, as anybody can ask for them."""
    one = "('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric"
    asked = f"SELECT count(*), sum({one})::text FROM set_config('TimeZone', 'UTC', true), {table} t"
    [found] = database.execute(asked)
    return found


async def test_what_mre_has_deleted_since_does_not_come_back_with_its_backup(shelf: Shelf) -> None:
    """By the shipped profile's own statements: a session with all that it had, an artifact and a dataset alone."""
    place = find("mre")
    assert place
    shipped = re.search(r"\[actions\.restore-test\.deletions\].*?(?=\n\[)", place.read_text(), re.DOTALL)
    assert shipped
    text = profile(shelf.database, shelf.bucket).partition("[actions.restore-test.deletions]")[0]
    mine = bench(shelf.folder, text + shipped[0])
    for table, row in (
        ("processing_runs (id, session_id, owner_user_id, size_class)", "(1, 7, 1, 'S'), (2, 8, 1, 'S')"),
        ("jobs (id, run_id, owner_user_id, type)", "(1, 1, 1, 'fuse'), (2, 2, 1, 'fuse')"),
        ("artifacts (id, session_id, owner_user_id, object_key, bytes)", "(1, 7, 1, 'a', 1), (2, 8, 1, 'b', 1)"),
        ("datasets (id, run_id, owner_user_id, object_key, bytes)", "(1, 1, 1, 'a', 1), (2, 2, 1, 'b', 1)"),
    ):
        shelf.database.execute(f"INSERT INTO {table} VALUES {row}")
    await shelf.dumped()
    shelf.database.execute(
        "INSERT INTO tombstones (kind, of_id, owner_user_id, why, deleted_at) VALUES ('session', 7, 1, 'requested', "
        "now()), ('artifact', 2, 1, 'expired', now()), ('dataset', 2, 1, 'expired', now() - interval '2 days')"
    )
    outcome = await mine.do("restore-test")
    report = newest(Records.of(mine.profile), "restore-test")
    shelf.database.execute("TRUNCATE processing_runs, jobs, artifacts, datasets, tombstones")
    assert outcome.word == "done" and report, outcome.message
    said = {line.what: line.said for line in report.lines}
    assert said["deletions since the dump"] == "2 applied, and nothing of them is there any more"
    assert said["there are sessions"].startswith("499,")


async def looked_at(shelf: Shelf, wal: str = "") -> BackupsValues:
    """What the source says of the bucket; `wal`: where archived segments go."""
    spec = BackupsSource(kind="backups", action="backup-now", wal=wal)
    built = build(shelf.bench.profile, SystemClock())
    parts = Parts(shelf.bench.profile, SystemClock(), built.databases)
    source = make("backups", "backups", spec, parts)
    try:
        values = await source.fetch()
        assert isinstance(values, BackupsValues)
        return values
    finally:
        await source.close()
        await built.close()


async def test_whether_the_wal_that_was_archived_last_has_arrived_is_asked_of_the_bucket(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await looked_at(shelf)).wal_arrived == NOT_CONFIGURED
    never = (await looked_at(shelf, "wal/{segment}.gz")).wal_arrived
    assert isinstance(never, Unknown) and "no WAL has been archived" in str(never)
    segment = "00000001000000A200000041"
    monkeypatch.setattr("services.sources.backups._WAL", f"SELECT '{segment}' AS wal")
    assert (await looked_at(shelf, "wal/{segment}.gz")).wal_arrived == 0
    shelf.bucket.put(f"wal/{segment}.gz", b"x")
    values = await looked_at(shelf, "wal/{segment}.gz")
    assert (values.wal, values.wal_arrived) == (segment, 1)


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ('query = "SELECT count(*) FROM sessions"', 'query = "DELETE FROM sessions"', "smoke.sessions: the query does"),
        ('ledger = "SELECT', 'ledger = "TRUNCATE x; SELECT', "ledger: the query does not begin with SELECT"),
        ('backup = "backup-now"', 'backup = "backup-now"\ntolerate = ["("]', "tolerate: '(' is not a pattern"),
        ('left = "SELECT', 'left = "UPDATE x SET y = 1; SELECT', "deletions.left: the query does not begin"),
    ],
)
def test_a_profile_whose_backups_cannot_work_is_told(shelf: Shelf, line: str, instead: str, problem: str) -> None:
    text = profile(shelf.database, shelf.bucket)
    assert line in text
    assert any(problem in said for said in check(bench(shelf.folder, text.replace(line, instead)).profile))
    assert not [said for said in check(shelf.bench.profile) if "actions" in said]


async def test_a_dump_that_is_not_as_it_was_written_is_found(shelf: Shelf) -> None:
    key = await shelf.dumped()
    good, manifest = shelf.bucket.get(key), shelf.bucket.get(key + ".json")
    flipped = good[:-2000] + bytes([good[-2000] ^ 1]) + good[-1999:]
    shelf.database.execute("UPDATE sessions SET owner_user_id = 99 WHERE id = 12")
    argv = [str(BIN / "pg_dump"), "-Fc", shelf.database.dsn]
    other = subprocess.run(argv, capture_output=True, check=True).stdout
    shelf.database.execute("UPDATE sessions SET owner_user_id = 12 % 7 WHERE id = 12")
    signed = {**json.loads(manifest), "sha256": hashlib.sha256(other).hexdigest(), "bytes": len(other)}
    for body, described, found in (
        (flipped, manifest, "checksum of the dump"),
        (good[: len(good) * 2 // 3], manifest, "size of the dump"),
        (other, json.dumps(signed).encode(), "public.sessions"),  # another row, by somebody who signs for it
        (good, manifest.replace(key.encode(), b"backups/mre-2020.dump"), "manifest"),  # an older pair in its place
        (flipped, b"", "restoring"),
    ):
        shelf.bucket.put(key, body)
        if described:
            shelf.bucket.put(key + ".json", described)
        else:
            shelf.bucket.client.delete_object(Bucket=shelf.bucket.name, Key=key + ".json")
        outcome, report = await shelf.tested()
        assert outcome.word == "partial" and "NOT PASSED" in outcome.message and not report.passed
        assert found in [line.what for line in report.lines if line.word == "failed"], report.lines
    assert shelf.scratches == []


# ---- broken off


@contextlib.contextmanager
def carried_out(shelf: Shelf, action: str, text: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that carries the action out, with another profile; killed when the block ends."""
    path = shelf.folder / "shop.toml"
    path.write_text(BASE.replace("{environment}", "staging") + text)
    path.chmod(0o600)
    argv = [sys.executable, "-m", "tui", "--profile", str(path), "act", action, "--yes", "--reason", "x", "--json"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as child:
        try:
            yield child
        finally:
            child.send_signal(signal.SIGKILL)


def stuck(shelf: Shelf, name: str, first: str = "") -> str:
    """A PostgreSQL program that says its version, does something, and then never ends by itself."""
    real = str(BIN / name)
    goes_on = "while True:\n    time.sleep(0.05)\n    sys.stdout.write('x' * 100)\n    sys.stdout.flush()\n"
    text = f"if '--version' in sys.argv:\n    os.execv({real!r}, sys.argv)\n{first}\n{goes_on}"
    return json.dumps([str(program(shelf.folder, name, text))])


async def test_a_backup_that_is_killed_leaves_nothing_to_be_seen_and_the_next_one_clears_up(shelf: Shelf) -> None:
    hangs = profile(shelf.database, shelf.bucket, pg_dump=stuck(shelf, "pg_dump", "sys.stdout.write('x' * 17_000_000)"))
    with carried_out(shelf, "backup-now", hangs):
        await until(lambda: len(shelf.bucket.uploads) == 1, "the first part is on its way", BUSY_S)
        with pytest.raises(AssertionError, match="another backup of this database is under way"):
            await shelf.dumped()
        assert len(shelf.bucket.uploads) == 1  # what is alive is left alone
    assert shelf.bucket.keys == []
    [outcome] = await settle(shelf.bench.profile, Journal.of(shelf.bench.profile), "bob")
    assert outcome.word == "not applied" and "there is no backups/mre-" in outcome.message
    plan = await shelf.bench.plan("backup-now")
    assert any("aborts the upload" in change for change in plan.changes)
    assert (await shelf.bench.act(plan)).word == "done" and shelf.bucket.uploads == []


async def test_a_restore_test_that_is_killed_leaves_a_database_that_settling_or_the_next_one_drops(
    shelf: Shelf,
) -> None:
    await shelf.dumped()
    hangs = profile(shelf.database, shelf.bucket, pg_restore=stuck(shelf, "pg_restore"))
    with carried_out(shelf, "restore-test", hangs):
        await until(lambda: len(shelf.scratches) == 1, "its database is made", BUSY_S)
        plan = await shelf.bench.plan("restore-test")
        assert not any("earlier test" in change for change in plan.changes)  # somebody is still at it
    await until_free(shelf)
    assert len(shelf.scratches) == 1
    plan = await shelf.bench.plan("restore-test")
    assert plan.changes[1] == f"drops {shelf.scratches[0]}, which an earlier test left there"
    [settled] = await settle(shelf.bench.profile, Journal.of(shelf.bench.profile), "bob")
    assert settled.word == "not applied" and "is dropped" in settled.message and shelf.scratches == []


async def until_free(shelf: Shelf) -> None:
    """The server has noticed that whoever held the lock is gone."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    await until(lambda: shelf.database.execute(held) == [(0,)], "the lock is let go")


async def test_what_is_stopped_is_aborted_and_leaves_nothing(shelf: Shelf) -> None:
    hangs = profile(shelf.database, shelf.bucket, pg_dump=stuck(shelf, "pg_dump", "sys.stdout.write('x' * 17_000_000)"))
    runner = bench(shelf.folder, hangs).runner(await bench(shelf.folder, hangs).plan("backup-now"))
    stopping = asyncio.create_task(stopped_when(lambda: len(shelf.bucket.uploads) == 1, runner.stop))
    outcome = await runner.carry_out()
    await stopping
    assert outcome.word == "not applied" and "somebody stopped it" in outcome.message
    assert (shelf.bucket.keys, shelf.bucket.uploads) == ([], [])


async def stopped_when(holds: Callable[[], bool], stop: asyncio.Event) -> None:
    await until(holds, "it is under way", BUSY_S)
    stop.set()


@pytest.mark.parametrize(
    ("fault", "program_", "said"),
    [
        (Fault("503", writes_only=True), "", "503"),
        (
            Fault(),
            "print('pg_dump: error: no luck', file=sys.stderr); sys.exit(1)",
            "exit code 1: pg_dump: error: no l",
        ),
    ],
)
async def test_a_store_or_a_program_that_fails_leaves_no_object_and_a_report_that_says_why(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, fault: Fault, program_: str, said: str
) -> None:
    monkeypatch.setattr("services.backups.pour.RETRY_S", 0.01)
    text = profile(shelf.database, shelf.bucket, **({"pg_dump": stuck(shelf, "pg_dump", program_)} if program_ else {}))
    mine = bench(shelf.folder, text)
    plan = await mine.plan("backup-now")
    shelf.bucket.faulty.fault = fault
    outcome = await mine.act(plan)
    shelf.bucket.faulty.fault = Fault()
    assert outcome.word == "not applied" and said in outcome.message
    assert (shelf.bucket.keys, shelf.bucket.uploads) == ([], [])
    report = newest(Records.of(mine.profile), "backup-now")
    assert report and not report.passed and said in report.lines[0].said


# ---- what is in the way is said beforehand


@pytest.mark.parametrize(
    ("line", "instead", "action", "problem"),
    [
        ('"public.jobs"', '"public.none"', "backup-now", "there is no table public.none to count"),
        ('capacity = "1TB"', 'capacity = "9MB"', "restore-test", "the restored database takes about"),
        ("user=postgres", "user=clerk", "backup-now", "clerk may not read"),
        ("user=postgres", "user=clerk", "restore-test", "clerk may not create databases there"),
    ],
)
async def test_what_is_in_the_way_is_said_in_the_preview_and_by_the_trial(
    shelf: Shelf, line: str, instead: str, action: str, problem: str
) -> None:
    await shelf.dumped()
    text = profile(shelf.database, shelf.bucket)
    assert line in text
    if "clerk" in instead:
        with contextlib.suppress(Exception):
            password = shelf.database.cluster.add_password("clerk")
            shelf.database.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{password}'")
    mine = bench(shelf.folder, text.replace(line, instead))
    with pytest.raises(ActionError, match=problem):
        await mine.plan(action)
    if "clerk" in instead:
        findings = {finding.what: finding for finding in await trials(mine.profile, False)}
        assert problem in findings[f"action {action}"].message


async def test_files_are_tested_too_and_what_leads_out_of_the_scratch_database_is_refused(shelf: Shelf) -> None:
    argv = [str(BIN / "pg_dump"), shelf.database.dsn]
    dump = subprocess.run(argv, capture_output=True, check=True).stdout
    text = (
        profile(shelf.database, shelf.bucket)
        .replace(
            'backup = "backup-now"',
            f"""
glob = "{shelf.folder}/dumps/*.sql.gz"
psql = ["{BIN / "psql"}"]
dsn = "{shelf.database.dsn}"
""",
        )
        .partition("[actions.restore-test.deletions]")[0]
    )
    mine = bench(shelf.folder, text)
    path = shelf.folder / "dumps" / "a.sql.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(dump))
    outcome = await mine.do("restore-test")
    assert outcome.word == "done" and "there is no manifest" in (await mine.plan("restore-test")).warnings[0]
    for bad, said in (
        (gzip.compress(dump)[:-3000], "Compressed file ended"),
        (gzip.compress(b"\\connect other\n" + dump), "lead out of the scratch database: \\connect other"),
        (gzip.compress(dump.replace(b"CREATE TABLE public.jobs ", b"CREATE TABLE other.jobs ")), 'schema "other" does'),
    ):
        path.write_bytes(bad)
        outcome = await mine.do("restore-test")
        assert outcome.word == "partial" and said in outcome.message, outcome.message
    assert shelf.scratches == []
