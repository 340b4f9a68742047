"""What support sees, and what an elevation opens: against a database with a canary in every restricted column."""

from __future__ import annotations

import asyncio
import io
import json
import time
from typing import Any

import psycopg
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.actions.effects.elevation.settled import ARRIVES_S
from services.actions.identity import effective_role
from services.actions.restricted import read
from services.actions.runner import Runner
from services.actions.settle import settle_one
from services.alerts import Alerts
from services.clock import SystemClock
from services.database import Database as Reader
from services.errors import ActionError, Denied, Unsettled
from services.profile import mapping_of, parse
from services.queues.browse import job_detail, job_page
from services.queues.filter import JOB_FIELDS, FilterError, where
from services.queues.filter import parse as parse_filter
from services.queues.shown import HIDDEN, TEXTS, shown_to
from services.readings import Reading, Snapshot
from services.recording import write
from services.relay.metrics import Standing
from services.sources import build
from services.status import close, collect, poll_once
from tests.conftest import Database
from tests.restricted import CANARY, People, Person, payload, people_of, person
from tests.services.test_action_roles import refused


@pytest.fixture(scope="module")
def people(mre_of_module: Database, tmp_path_factory: pytest.TempPathFactory) -> People:
    return people_of(mre_of_module, tmp_path_factory.mktemp("restricted"))


# ---- what support sees


async def readings_of(who: Person) -> dict[str, Reading]:
    built = build(who.profile, SystemClock())
    try:
        return await poll_once(built.sources, SystemClock(), 20.0)
    finally:
        await close(built)


@pytest.fixture(params=["support", "blind"])
async def readings(people: People, request: pytest.FixtureRequest) -> dict[str, Reading]:
    """While somebody waits for somebody, with the canary in what they run."""
    with people.blocking():
        return await readings_of(getattr(people, request.param))


async def test_no_source_brings_support_a_restricted_value(readings: dict[str, Reading]) -> None:
    denied = {name for name, reading in readings.items() if reading.fault and reading.fault.kind == "denied"}
    assert not denied & {"db", "jobs", "runs", "flags", "reaper", "retention", "releases"}  # none asks for too much
    said = {name: repr(reading) for name, reading in readings.items()}
    assert {name for name, text in said.items() if CANARY in text} == set()
    hiding = {"jobs", "app-log", "says", "logins", "elevations", "reaper"}
    assert {name for name in hiding if "restricted" not in said[name]} == set()


async def test_support_is_not_told_to_have_more_granted(people: People) -> None:
    values: Any = (await readings_of(people.support))["db"].values
    assert values.active.why == "not permitted" and "GRANT" not in values.active.detail


async def test_the_database_keeps_it_from_support_whatever_the_profile_says(people: People) -> None:
    mistaken = person(people.mine, "sue", "operator", people.text, people.mine.folder, dsn=people.support.dsn)
    readings = await readings_of(mistaken)
    of_database = {name: readings[name] for name in ("db", "jobs", "runs", "flags", "reaper", "logins", "elevations")}
    assert CANARY not in repr(of_database)
    values: Any = readings["db"].values
    assert "GRANT" in values.active.detail  # this one takes himself for an operator
    assert effective_role(mistaken.profile, "sue", values.roles, values.ledger) == "support"
    assert {group.last_message for group in readings["jobs"].values.failures} == {"restricted"}  # type: ignore[union-attr]


async def test_nothing_made_of_the_readings_has_one(readings: dict[str, Reading], people: People) -> None:
    recording, snapshot = io.StringIO(), Snapshot()
    for reading in readings.values():
        write(recording, reading)
        snapshot = snapshot.with_reading(reading)
    registry = CollectorRegistry()
    registry.register(Standing(people.support.profile, lambda: (snapshot, Alerts())))
    assert CANARY not in recording.getvalue() + generate_latest(registry).decode()


async def test_status_has_none(people: People) -> None:
    found = await collect(people.support.profile, SystemClock(), 15.0)
    parts = [*found.items(), *found["readings"].items(), *enumerate(found["alerts"])]
    assert [(name, part) for name, part in parts if CANARY in json.dumps(part)] == []
    assert '"last_message": "restricted"' in json.dumps(found)


async def test_sessions_are_seen_without_what_they_run(people: People) -> None:
    with people.blocking():
        reading = (await readings_of(people.blind))["db"]
    values: Any = reading.values
    assert {line.session.query for line in values.blocking} == {"restricted"} and len(values.blocking) == 2


async def browsed(who: Person, words: str) -> Any:
    profile = who.profile
    mapping = shown_to("support", mapping_of(profile.of_kind("queue")["jobs"], "jobs"), profile.restricted)
    db = Reader(who.dsn, "db", SystemClock(), who="test")
    try:
        page = await job_page(db, mapping, parse_filter(words, JOB_FIELDS))
        return page, [await job_detail(db, mapping, row.id) for row in page.rows]
    finally:
        await db.close()


async def test_jobs_are_seen_and_found_without_their_texts(people: People) -> None:
    for who in (people.support, people.blind):
        page, details = await browsed(who, "")
        assert len(page.rows) == 4 and CANARY not in f"{page}{details}" and not page.note
        assert {row.error_text for row in page.rows} == {"restricted"}
        assert {(d.payload_bytes.why, d.attempts[0].error_text) for d in details} == {("restricted", "restricted")}
        assert {row.owner for row in page.rows} == {"1"}  # every row with whose it is
        assert not (await browsed(who, CANARY))[0].rows
        assert (await browsed(who, "csv_bad"))[0].rows


async def test_a_restricted_column_is_not_searched_in_but_refused(people: People) -> None:
    text = people.support.text.replace('"jobs.payload" = "admin"', '"jobs.payload" = "admin", "jobs.run_id" = "viewer"')
    profile = parse(text, "test")
    mapping = mapping_of(profile.of_kind("queue")["jobs"], "jobs")
    wanted = parse_filter("run:1", JOB_FIELDS)
    with pytest.raises(FilterError, match="`run` is restricted"):
        where(wanted, shown_to("viewer", mapping, profile.restricted))
    assert where(wanted, shown_to("operator", mapping, profile.restricted))


def test_support_sees_of_a_queue_what_is_listed_and_nothing_new(people: People) -> None:
    """A text that a mapping learns to name later is hidden until somebody lists it."""
    profile = people.support.profile
    mapping = mapping_of(profile.of_kind("queue")["jobs"], "jobs")
    shown = shown_to("support", mapping, profile.restricted)
    hidden = {
        f"{part}.{name}"
        for part in ("columns", "attempts", "workers", "runs", "flags", "reaper")
        for name in TEXTS[type(getattr(shown, part))]
        if getattr(getattr(shown, part), name) == HIDDEN
    }
    assert hidden == {"columns.payload", "columns.error_text", "attempts.error_text", "reaper.error"}


async def test_a_preview_shows_no_restricted_value(people: People) -> None:
    plan = await people.operator.plan("requeue-jobs", type="parse_raw")
    assert plan.targets and CANARY not in plan.model_dump_json()
    with pytest.raises(Denied):
        await people.support.plan("requeue-jobs", type="parse_raw")


FORBIDDEN = [
    "SELECT payload FROM jobs",
    "SELECT last_error_message FROM jobs",
    "SELECT j FROM jobs j",
    "SELECT id FROM jobs WHERE last_error_message LIKE '%x%'",
    "SELECT error_message FROM job_attempts",
    "SELECT error FROM reaper_runs",
    "SELECT detail FROM audit_events",
    "SELECT reason FROM watchdeck.ledger",
    "SELECT * FROM watchdeck.elevation",
    "SELECT * FROM watchdeck.restricted_read",
    "UPDATE watchdeck.elevation SET until = now() + interval '1 day'",
    "INSERT INTO watchdeck.restricted_read (elevation, who, read, params) VALUES (gen_random_uuid(), '', '', '{}')",
    "SELECT watchdeck.insist_elevated(gen_random_uuid(), 'job-payload')",
    "SELECT watchdeck.elevation_taken('x', '{}')",
    "SELECT watchdeck.void(gen_random_uuid(), 'a', 'b')",
    "SET ROLE watchdeck_viewer",
    "UPDATE jobs SET state = 'queued'",
]


def test_under_psql_the_columns_are_refused(people: People) -> None:
    with psycopg.connect(people.support.dsn, autocommit=True) as connection:
        assert {sql: refused(connection, sql) for sql in FORBIDDEN} == dict.fromkeys(FORBIDDEN, "42501")
        assert refused(connection, "SELECT id, state, owner_user_id, last_error_code FROM jobs") is None
    with psycopg.connect(people.operator.dsn, autocommit=True) as connection:
        assert refused(connection, "SELECT last_error_message FROM jobs") is None
        assert refused(connection, "SELECT payload FROM jobs") == "42501"  # nobody's, without an elevation


# ---- what an elevation opens


async def test_an_elevation_from_its_request_to_its_end(people: People) -> None:
    asked = await people.support.act("elevate", what="job-payload", minutes="15")
    with pytest.raises(ActionError, match="the elevation is waiting, by the database's clock"):
        await payload(people.support, asked.id)
    await people.operator.act("approve-elevation", ids=asked.id)
    answer = await payload(people.support, asked.id)
    assert CANARY in str(answer.rows)
    with pytest.raises(ActionError, match="for job-payload, not for job-errors"):
        await read(people.support.profile, "job-errors", {"id": "1"}, asked.id, "sue")
    with pytest.raises(ActionError, match="has no such elevation"):
        await payload(people.other, asked.id)
    with pytest.raises(ActionError, match="the elevation is of sue"):
        await read(people.support.profile, "job-payload", {"id": "1"}, asked.id, "sam")
    ended = await people.operator.act("revoke-elevation", reason="", ids=asked.id)
    assert ended.word == "done"
    with pytest.raises(ActionError, match="the elevation is ended"):
        await payload(people.support, asked.id)


async def test_every_read_is_noted_here_and_in_the_systems_audit(people: People) -> None:
    elevation = await people.elevated()
    await payload(people.support, elevation)
    await read(people.support.profile, "job-errors", {"id": "2"}, elevation, "sue")
    noted = people.mine.database.execute(
        "SELECT who, read, params, rows FROM watchdeck.restricted_read WHERE elevation = %s ORDER BY id", elevation
    )
    assert noted == [("sue", "job-payload", {"id": "1"}, 1), ("sue", "job-errors", {"id": "2"}, 1)]
    told = people.mine.database.execute(
        "SELECT kind, actor, detail ->> 'read' FROM audit_events WHERE detail ->> 'elevation' = %s ORDER BY id",
        elevation,
    )
    reads = [("support.read", "sue", "job-payload"), ("support.read", "sue", "job-errors")]
    assert told == [("support.elevated", "sue", None), *reads]
    await people.operator.act("revoke-elevation", ids=elevation)
    left = people.now(
        "SELECT count(*) FROM audit_events e WHERE kind = 'support.elevated' AND detail ->> 'elevation' = "
        f"'{elevation}' AND EXISTS (SELECT 1 FROM audit_events n WHERE n.kind = 'support.elevation-ended'"
        " AND n.detail ->> 'grant' = e.id::text)"
    )
    assert left == 1  # as the rule elevation-outside-hours looks for it


async def test_nobody_approves_their_own(people: People) -> None:
    """Neither as the same database user under another name, nor under the same name as another user."""
    asked = await people.operator.act("elevate", what="all", minutes="5")
    with pytest.raises(ActionError, match="connected"):
        await people.operator.act("approve-elevation", ids=asked.id)
    other = person(people.mine, "olga", "operator", people.text, people.mine.folder)
    outcome = await other.act("approve-elevation", ids=asked.id)
    assert outcome.word == "not applied" and "nobody approves an elevation of their own" in outcome.message
    renamed = Person("oscar", people.operator.dsn, people.operator.text, people.mine.journal)
    with pytest.raises(ActionError, match="connected"):
        await renamed.act("approve-elevation", ids=asked.id)
    with psycopg.connect(people.operator.dsn, options="-c statement_timeout=3s", autocommit=True) as connection:
        seen = connection.execute("SELECT seen::text FROM watchdeck.elevations() WHERE id = %s", (asked.id,)).fetchone()
        assert seen and _approved(connection, asked.id, seen[0], "oscar") == "WD010"
    with pytest.raises(Denied):
        await people.support.act("approve-elevation", ids=asked.id)


def _approved(connection: psycopg.Connection[Any], key: str, seen: str, actor: str) -> str | None:
    """By hand, past the console and its previews."""
    try:
        connection.execute(
            "SELECT watchdeck.\"approve-elevation\"(gen_random_uuid(), %s, 'x', 'staging', clock_timestamp(), 1,"
            " jsonb_build_object(%s::text, %s::jsonb), jsonb_build_object('system_identifier',"
            " (SELECT system_identifier::text FROM pg_control_system())), '')",
            (actor, key, seen),
        )
    except psycopg.Error as error:
        return error.sqlstate
    return None


async def test_sixty_one_minutes_are_refused(people: People) -> None:
    with pytest.raises(ActionError, match="61 minutes: it is 60 at most"):
        await people.support.plan("elevate", what="all", minutes="61")
    plan = await people.support.plan("elevate", what="all", minutes="60")
    target = plan.targets[0].model_copy(update={"seen": {"minutes": "61"}})
    forged = plan.model_copy(update={"targets": (target,)})
    outcome = await Runner(people.support.profile, forged, "ticket", "sue", people.mine.journal).carry_out()
    assert outcome.word == "not applied" and "60 minutes at most" in outcome.message


async def test_r19_it_ends_by_the_databases_clock_whatever_ours_says(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    elevation = await people.elevated(minutes="0.03")  # 1.8 s
    assert CANARY in str((await payload(people.support, elevation)).rows)
    monkeypatch.setattr(time, "time", lambda now=time.time: now() - 86_400.0)
    state = f"SELECT state FROM watchdeck.elevations() WHERE id = '{elevation}'"
    async with asyncio.timeout(10):
        while people.now(state) == "in force":
            await asyncio.sleep(0.05)
    with pytest.raises(ActionError, match="the elevation is expired, by the database's clock"):
        await payload(people.support, elevation)


async def test_no_answer_without_a_note_that_stays(people: People) -> None:
    """A transaction that is rolled back would take both with it: so the note comes first, in one of its own."""
    elevation = await people.elevated()
    note = "SELECT watchdeck.note_read(%s, 'sue', 'job-payload', '{\"id\": \"1\"}')"
    with psycopg.connect(people.support.dsn) as connection:
        noted = connection.execute(note, (elevation,)).fetchone()
        with pytest.raises(psycopg.Error, match="not in the note's own transaction"):
            connection.execute("SELECT watchdeck.read_restricted(%s)", noted)
        connection.rollback()
        noted = connection.execute(note, (elevation,)).fetchone()
        connection.commit()
        assert CANARY in str(connection.execute("SELECT watchdeck.read_restricted(%s)", noted).fetchall())
        connection.rollback()
    assert noted and people.now(f"SELECT count(*) FROM watchdeck.restricted_read WHERE id = {noted[0]}") == 1
    with psycopg.connect(people.other.dsn) as stranger, pytest.raises(psycopg.Error, match="no read is noted here"):
        stranger.execute("SELECT watchdeck.read_restricted(%s)", noted)


async def test_a_read_is_asked_with_its_parameters_and_no_others(people: People) -> None:
    elevation = await people.elevated()
    profile = people.support.profile
    for params in ({"id": "1 OR 1=1"}, {}, {"id": "1", "x": "2"}):
        with pytest.raises(ActionError, match="parameters: id"):
            await read(profile, "job-payload", params, elevation, "sue")
    with psycopg.connect(people.support.dsn, autocommit=True) as connection:
        for params in ('{"id": "1 OR 1=1"}', "{}", '{"id": "1", "x": "2"}', "[]", "null"):
            asked: Any = f"SELECT watchdeck.note_read('{elevation}', 'sue', 'job-payload', '{params}')"
            assert refused(connection, asked) == "WD010"


async def test_a_lost_request_is_settled_without_taking_its_id(people: People) -> None:
    """Who may not take an id waits until nothing can arrive under it any more."""
    asked = await people.other.act("elevate", what="all", minutes="5")
    record = people.mine.journal.intent(asked.id)
    profile = people.other.profile
    assert (await settle_one(profile, record, "sam")).word == "done"
    never = {**record, "id": "00000000-0000-4000-8000-000000000000"}
    with pytest.raises(Unsettled, match="could still arrive"):
        await settle_one(profile, never, "sam")
    long_ago = {**never, "taken_at": float(record["taken_at"]) - ARRIVES_S - 1}
    assert (await settle_one(profile, long_ago, "sam")).word == "not applied"
