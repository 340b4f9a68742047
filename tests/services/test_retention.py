"""What is due goes: objects first, then exactly their rows. What is not as it was confirmed stays, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.actions.effects.purge import link as purge_link
from services.actions.manifest import Manifests
from services.errors import ActionError
from services.records import report
from services.records.store import Records
from tests.conftest import Database
from tests.proxy import Proxy
from tests.purging import BUCKET, Kept, Store, kept, serving

SMALL = {"most = 10000": "most = 10000\nbatch = 10"}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with serving() as store:
        yield store


@pytest.fixture
def here(store: Store, mre: Database, tmp_path: Path) -> Kept:
    store.empty()
    return kept(store, mre, tmp_path, **SMALL)


async def test_what_has_expired_goes_and_nothing_else(here: Kept) -> None:
    here.expired(30)
    here.expired(20, "datasets")
    here.expired(5, age="-1 hour", first=1000)  # not due yet
    here.store.put(["raw/7", "raw/7.fit.bak", "backups/x.dump"])
    plan = await here.bench.plan("run-retention")
    assert (plan.count, plan.per_type, len(plan.targets)) == (50, {"raw artifact": 30, "derived dataset": 20}, 20)
    assert "50 objects, 2,500 B" in plan.changes[0] and (plan.confirm.kind, plan.confirm.expected) == ("name", BUCKET)

    outcome = await here.bench.act(plan)
    assert outcome.word == "done" and outcome.applied == outcome.asked == 50, outcome
    assert "50 objects: 50 deleted; 50 rows: 50 removed" in outcome.message
    others = {"raw/7", "raw/7.fit.bak", "backups/x.dump"}
    assert here.store.keys() == {f"raw/{n}.fit" for n in range(1000, 1005)} | others
    assert (here.rows(), here.rows("datasets"), here.rows("tombstones")) == (5, 0, 50)
    events = here.database.execute("SELECT kind, detail ->> 'deleted' FROM audit_events WHERE kind LIKE '%completed'")
    assert events == [("retention.completed", "50")]
    intent = here.bench.journal.intent(outcome.id)
    assert intent["total"] == 50 and intent["frozen"]["sha256"] == plan.detail["frozen"]["sha256"]
    with pytest.raises(ActionError, match="nothing is due"):
        await here.bench.plan("run-retention")


async def test_no_more_than_was_asked_for_and_the_oldest_first(here: Kept) -> None:
    here.expired(10, age="1 hour", first=1)
    here.expired(10, age="2 hours", first=11)
    plan = await here.bench.plan("run-retention", most="10")
    assert (plan.count, plan.matching) == (10, 20)
    await here.bench.act(plan)
    assert here.store.keys() == {f"raw/{n}.fit" for n in range(1, 11)}
    for wrong in ("0", "10001", "all"):
        with pytest.raises(ActionError, match="from 1 to 10,000"):
            await here.bench.plan("run-retention", most=wrong)


async def test_what_is_not_as_it_was_confirmed_stays_and_is_told_one_by_one(here: Kept) -> None:
    here.expired(10)
    plan = await here.bench.plan("run-retention")
    here.store.put(["raw/1.fit"], b"written again")
    here.store.refused = {"raw/2.fit"}
    here.database.execute("UPDATE artifacts SET expires_at = now() + interval '1 day' WHERE object_key = 'raw/3.fit'")
    here.database.execute("DELETE FROM artifacts WHERE object_key = 'raw/4.fit'")
    here.store.remove("raw/5.fit")

    outcome = await here.bench.act(plan)
    assert outcome.word == "partial"
    assert "10 objects: 5 deleted, 1 gone before, 3 changed, 1 blocked" in outcome.message
    assert "10 rows: 6 removed, 1 gone before, 3 kept" in outcome.message
    assert outcome.remedy.startswith("escalate what is blocked") and len(outcome.differing) == 7
    assert here.store.keys() == {f"raw/{n}.fit" for n in (1, 2, 3, 4)}
    assert sorted(here.keys_of_rows()) == [f"raw/{n}.fit" for n in (1, 2, 3)]
    found = report.newest(Records.of(here.bench.profile), "run-retention")
    assert found and not found.passed and len(found.lines) == 7
    assert "object raw/2.fit" in {line.what for line in found.lines if "AccessDenied" in line.said}

    here.store.refused = set()  # somebody has allowed it
    [manifest] = Manifests(here.bench.journal.path.with_name("manifests")).unfinished()
    again = await here.bench.act(await here.bench.plan("run-retention", resume=manifest))
    assert again.word == "partial" and "1 deleted, 6 gone before, 3 changed" in again.message
    assert here.store.keys() == {f"raw/{n}.fit" for n in (1, 3, 4)}


async def test_what_is_written_or_prolonged_while_it_is_deleted_keeps_its_row(here: Kept) -> None:
    here.expired(4)
    plan = await here.bench.plan("run-retention")

    def meanwhile(keys: list[str]) -> None:
        here.database.execute(
            "UPDATE artifacts SET expires_at = now() + interval '1 day' WHERE object_key = 'raw/2.fit'"
        )

    here.store.before = meanwhile
    outcome = await here.bench.act(plan)
    assert outcome.word == "partial" and "4 rows: 3 removed, 1 kept" in outcome.message
    assert here.keys_of_rows() == ["raw/2.fit"]


@pytest.mark.parametrize("mode", ["all", "marker"])
async def test_in_a_bucket_with_versions_all_of_them_go_or_it_says_that_a_marker_is_set(
    store: Store, mre: Database, tmp_path: Path, mode: str
) -> None:
    store.empty(versioned=True)
    here = kept(store, mre, tmp_path, **{"most = 10000": f'most = 10000\nversions = "{mode}"'})
    here.expired(5)
    here.store.put(["raw/1.fit", "raw/1.fit", "raw/2.fit"], b"an older one")
    plan = await here.bench.plan("run-retention")
    outcome = await here.bench.act(plan)
    assert outcome.word == "done", outcome
    left = here.store.versions()
    if mode == "all":
        assert "8 objects: 8 deleted; 5 rows: 5 removed" in outcome.message and left == 0
    else:
        assert "5 objects: 5 deleted" in outcome.message and left == 8
        assert any("only a delete marker" in warning for warning in plan.warnings)


async def test_a_row_that_names_an_object_elsewhere_ends_it_before_it_begins(here: Kept) -> None:
    here.expired(3)
    here.store.put(["backups/newest.dump"])
    here.database.execute("UPDATE artifacts SET object_key = 'backups/newest.dump' WHERE object_key = 'raw/2.fit'")
    with pytest.raises(ActionError, match="outside of raw/ and datasets/"):
        await here.bench.plan("run-retention")
    assert not here.store.asked


async def test_a_manifest_or_a_profile_that_was_changed_is_not_carried_out(here: Kept) -> None:
    here.expired(3)
    plan = await here.bench.plan("run-retention")
    [file] = here.bench.journal.path.with_name("manifests").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(file.read_bytes().replace(b"raw/2.fit", b"raw/9.fit"))
    outcome = await here.bench.act(plan)
    assert outcome.word == "not applied" and "not as it was when it was confirmed" in outcome.message
    plan = await here.bench.plan("run-retention")
    detail = {**plan.detail, "digest": "another"}
    outcome = await here.bench.act(plan.model_copy(update={"detail": detail}))
    assert outcome.word == "not applied" and "no longer the previewed one" in outcome.message
    assert not here.store.asked and here.rows() == 3


async def test_it_stops_between_two_turns_and_goes_on_by_the_same_manifest(here: Kept) -> None:
    here.expired(30)
    runner = here.bench.runner(await here.bench.plan("run-retention"))
    said: list[str] = []

    async def stop(line: str) -> None:
        said.append(line)
        runner.stop.set()

    runner.on_line = stop
    outcome = await runner.carry_out()
    assert outcome.word == "partial" and "30 objects: 10 deleted, 20 left" in outcome.message
    assert said == ["10 of 30 objects gone; 10 of 30 rows"] and here.rows() == 20
    plan = await here.bench.plan("run-retention", resume=here.bench.journal.intent(outcome.id)["frozen"]["manifest"])
    assert any("20 of its 30 rows are left" in warning for warning in plan.warnings)
    assert (await here.bench.act(plan)).word == "done" and here.rows() == 0


async def test_a_database_that_goes_is_waited_for_and_if_it_stays_away_the_rest_is_gone_on_with(
    store: Store, mre: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(mre.cluster.port)
    try:
        store.empty()
        here = kept(store, mre, tmp_path, port=proxy.port, **SMALL)
        here.expired(30)
        store.before = lambda keys: proxy.reset() if len(store.asked) == 10 else proxy.pass_()
        plan = await here.bench.plan("run-retention", most="20")
        ended = await _with_link_back_soon(here, plan, proxy)
        assert ended.word == "done" and "20 rows: 20 removed" in ended.message, ended

        monkeypatch.setattr(purge_link, "AGAIN_S", 0.1)
        store.before = lambda keys: proxy.refuse()
        lost = await here.bench.act(await here.bench.plan("run-retention"))
        assert lost.word == "unknown" and "10 deleted" in lost.message and "10 unsure" in lost.message, lost
        assert here.rows() == 10  # the objects are gone, and their rows are how the next run finds them
        proxy.pass_()
        store.before = lambda keys: None
        again = await here.bench.act(await here.bench.plan("run-retention"))
        assert again.word == "done" and "10 gone before; 10 rows: 10 removed" in again.message
    finally:
        proxy.close()


async def _with_link_back_soon(here: Kept, plan: Any, proxy: Proxy) -> Any:
    """The link is good again as soon as it was missed."""
    asking = purge_link.PurgeLink._submit

    async def submit(self: Any, *args: Any, **more: Any) -> Any:
        try:
            return await asking(self, *args, **more)
        finally:
            proxy.pass_()

    purge_link.PurgeLink._submit = submit  # type: ignore[method-assign]
    try:
        return await here.bench.act(plan)
    finally:
        purge_link.PurgeLink._submit = asking  # type: ignore[method-assign]


async def test_the_database_itself_removes_nothing_that_is_not_due_nor_without_a_run(here: Kept) -> None:
    here.expired(2, age="-1 hour")
    call = """SELECT watchdeck."run-retention"(%s, 'eve', 'x', 'staging', now(), 1000, %s, %s, '')"""
    one = "11111111-1111-1111-1111-111111111111"
    seen = '{"1": {"objects": "{raw/1.fit}"}}'
    args = f'{{"part": "turn", "run": "{one}", "sha256": "x", "turn": 0, "kind": "artifact"}}'
    with psycopg.connect(here.database.dsn, autocommit=True, options="-c statement_timeout=3s") as link:
        with pytest.raises(psycopg.Error, match="no run of this manifest"):
            link.execute(call, (one, seen, args))
        link.execute(
            "INSERT INTO watchdeck.ledger (id, action, actor, asked, state, rows) "
            """VALUES (%s, 'run-retention', 'eve', 5, 'started', '{"manifest": {"sha256": "x"}}')""",
            (one,),
        )
        other = "22222222-2222-2222-2222-222222222222"
        (receipt,) = link.execute(call, (other, seen, args)).fetchone() or ()
        (again,) = link.execute(call, (other, seen, args)).fetchone() or ()
    assert (receipt["applied"], receipt["outcome"]["kept"], again["repeated"]) == (0, 1, True)
    assert here.rows() == 2


# ---- deletion requests ----------------------------------------------------------------------------------------------


async def test_a_request_takes_all_of_its_session_and_one_that_is_blocked_waits_for_the_rest(here: Kept) -> None:
    for session in (1, 2, 3):
        here.session(session)
    here.request(2)
    here.request(1)
    here.store.refused = {"datasets/s2/2"}
    plan = await here.bench.plan("run-deletions")
    assert plan.per_type == {"raw artifact": 2, "derived dataset": 4, "request": 2}
    labels = {(target.type, target.id): target.label for target in plan.targets}  # ids of different tables are alike
    assert (labels["raw artifact", "1"], labels["request", "1"]) == ("session 1", "session 2")
    outcome = await here.bench.act(plan)
    assert outcome.word == "partial" and "6 objects: 5 deleted, 1 blocked; 8 rows: 6 removed, 2 kept" in outcome.message
    states = here.database.execute("SELECT session_id, state FROM deletion_requests ORDER BY session_id")
    assert states == [(1, "done"), (2, "requested")]
    assert here.database.execute("SELECT id FROM sessions ORDER BY id") == [(2,), (3,)]

    here.store.refused = set()
    again = await here.bench.act(await here.bench.plan("run-deletions"))
    assert again.word == "done", again
    assert here.store.keys() == {"raw/s3.fit", "datasets/s3/1", "datasets/s3/2"}
    for table in ("sessions", "processing_runs", "jobs", "artifacts"):
        assert here.rows(table) == 1
    tombs = here.database.execute("SELECT kind, count(*) FROM tombstones GROUP BY kind ORDER BY kind")
    assert tombs == [("artifact", 2), ("dataset", 4), ("session", 2)]
    done = here.database.execute("SELECT count(*) FROM audit_events WHERE kind = 'deletion.completed'")
    assert done == [(2,)]
