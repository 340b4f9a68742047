"""Retention while the store fails, its runner is killed, others delete too, and what it is about is still needed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.actions.child import run_child
from services.actions.plan import Outcome
from services.actions.settle import settle
from tests.conftest import Database
from tests.purging import Kept, Store, kept, serving

OBJECTS = 1000  # tests/bench/retention.py does it by keys, with 10,000
BATCH = OBJECTS // 10


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with serving() as store:
        yield store


def laid_out(store: Store, database: Database, folder: Path) -> tuple[Kept, set[str]]:
    """Expired artifacts and datasets, and some that are not: the keys that shall go."""
    store.empty()
    here = kept(store, database, folder, **{"most = 10000": f"most = 10000\nbatch = {BATCH}"})
    half = OBJECTS // 2
    doomed = {*here.expired(half), *here.expired(half, "datasets")}
    here.expired(20, age="-1 hour", first=10**7)
    return here, doomed


def insist(here: Kept, doomed: set[str]) -> None:
    """At any moment: no row is gone whose object is there, and nothing is touched that was not confirmed."""
    left = {str(key) for table in ("artifacts", "datasets") for (key,) in _keys(here, table)}
    assert not (here.store.keys() & doomed) - left, "a row is gone, and its object is still there"
    assert set(here.store.asked) <= doomed
    assert len(here.store.keys() - doomed) == len(left - doomed) == 20


def _keys(here: Kept, table: str) -> list[tuple[object, ...]]:
    return here.database.execute(f"SELECT object_key FROM {table}")


def accounted(outcome: Outcome) -> dict[str, int]:
    """ "2,000 objects: 800 deleted, 1,200 left; ...": the parts, which must be the whole."""
    found = re.search(r"([\d,]+) objects: ([^;]*); ([\d,]+) rows: ([^;]*)", outcome.message)
    assert found, outcome.message
    told: dict[str, int] = {}
    for whole, said, of in ((found[1], found[2], ""), (found[3], found[4], "rows ")):
        parts = {words: _number(many) for many, words in re.findall(r"([\d,]+) ([a-z ]+)", said)}
        assert sum(parts.values()) == _number(whole) == OBJECTS
        told |= {of + words: many for words, many in parts.items()}
    return told


def _number(text: str) -> int:
    return int(text.replace(",", ""))


async def test_nothing_is_lost_and_nothing_is_left(store: Store, mre: Database, tmp_path: Path) -> None:
    here, doomed = laid_out(store, mre, tmp_path)
    bench = here.bench

    store.failing = 4  # half-way the store breaks down: it does what it was asked for, and answers nothing more
    first = await bench.act(await bench.plan("run-retention"))
    assert first.word == "partial" and "SlowDown" in first.message, first
    assert accounted(first) == {
        "deleted": 3 * BATCH, "left": OBJECTS - 4 * BATCH, "unsure": BATCH,
        "rows removed": 3 * BATCH, "rows left": OBJECTS - 3 * BATCH,
    }  # fmt: skip
    insist(here, doomed)
    manifest = bench.journal.intent(first.id)["frozen"]["manifest"]
    assert f"--resume {manifest}" in first.remedy

    killed = await _killed(here, manifest)  # gone on with, and its process is killed in the middle
    assert killed.word == "unknown"
    insist(here, doomed)
    (settled,) = await settle(bench.profile, bench.journal, "alice")  # what the next start of the console does
    assert settled.word == "unknown" and settled.applied == 3 * BATCH and manifest in settled.remedy, settled
    assert not bench.journal.unsettled() and here.rows("tombstones") == 6 * BATCH

    last = await bench.act(await bench.plan("run-retention", resume=manifest))
    assert last.word == "done", last
    assert accounted(last) == {
        "deleted": 3 * BATCH, "gone before": 7 * BATCH, "rows removed": 4 * BATCH, "rows gone before": 6 * BATCH
    }  # fmt: skip
    insist(here, doomed)
    assert store.keys().isdisjoint(doomed) and (here.rows(), here.rows("datasets")) == (20, 0)
    _insist_on_records(here)
    assert bench.journal.verify().ok


async def _killed(here: Kept, manifest: str) -> Outcome:
    """Goes on in a process of its own, which is killed when it has asked for the third time."""
    asked: list[int] = []

    def kill(keys: list[str]) -> None:
        asked.append(len(keys))
        if len(asked) == 3:
            os.kill(here.bench.journal.unsettled()[-1]["pid"], signal.SIGKILL)

    here.store.failing, here.store.before = None, kill
    plan = await here.bench.plan("run-retention", resume=manifest)
    said: list[str] = []
    outcome = await run_child(plan, "again", here.bench.folder / "watchdeck.toml", said.append)
    here.store.before = lambda keys: None
    assert any(re.fullmatch(r"[\d,]+ of [\d,]+ objects gone; [\d,]+ of [\d,]+ rows", line) for line in said), said
    return outcome


def _insist_on_records(here: Kept) -> None:
    """One tombstone for each, one run that completed, and a ledger that adds up."""
    tombs = here.database.execute("SELECT count(*), count(DISTINCT object_key), count(run) FROM tombstones")
    assert tombs == [(OBJECTS, OBJECTS, OBJECTS)]
    kinds = here.database.execute(
        "SELECT kind FROM audit_events WHERE kind LIKE 'retention.%ed' AND kind <> 'retention.deleted'"
    )
    assert kinds == [("retention.failed",), ("retention.completed",)]
    ledger = here.database.execute(
        "SELECT state, sum(applied) FILTER (WHERE outcome ? 'kind'), sum(applied) FILTER (WHERE NOT outcome ? 'kind') "
        "FROM watchdeck.ledger GROUP BY state ORDER BY state"
    )
    assert ledger == [("done", OBJECTS, 7 * BATCH), ("started", None, 3 * BATCH)]


@pytest.fixture
def small(store: Store, mre: Database, tmp_path: Path) -> Kept:
    store.empty()
    return kept(store, mre, tmp_path, **{"most = 10000": "most = 10000\nbatch = 10"})


@pytest.mark.parametrize("code", ["", "InternalError"])
async def test_a_yes_of_the_store_is_no_proof_and_a_no_for_one_object_is_for_that_one(small: Kept, code: str) -> None:
    """It says that all are deleted, or that one failed: what counts is what is there."""
    keys = small.expired(5)
    small.store.refused, small.store.code = {keys[2]}, code
    outcome = await small.bench.act(await small.bench.plan("run-retention"))
    assert outcome.word == "partial" and "5 objects: 4 deleted, 1 left; 5 rows: 4 removed, 1 kept" in outcome.message
    assert (code or "still there after it was deleted") in outcome.differing[0]
    assert small.store.keys() == {keys[2]} == set(small.keys_of_rows())


async def test_two_who_delete_the_same_at_once_lose_nothing_and_leave_nothing(small: Kept) -> None:
    small.expired(60)
    meeting = asyncio.Barrier(2)

    async def meet(step: object) -> None:
        if step == "intent":
            await meeting.wait()

    plans = [await small.bench.plan("run-retention", actor=actor) for actor in ("alice", "bob")]
    outcomes = await asyncio.gather(*(small.bench.act(plan, on_step=meet) for plan in plans))
    counts = [re.search(r"; 60 rows: (.*)$", outcome.message.partition("; report")[0]) for outcome in outcomes]
    assert all(counts), [outcome.message for outcome in outcomes]
    assert {outcome.word for outcome in outcomes} <= {"done", "partial"}
    assert sum(outcome.applied or 0 for outcome in outcomes) == 60
    assert small.store.keys() == set() and small.rows() == 0
    tombs = small.database.execute("SELECT count(*), count(DISTINCT object_key) FROM tombstones")
    assert tombs == [(60, 60)] and small.bench.journal.verify().ok


async def test_an_object_that_a_row_which_stays_names_too_stays_with_both(small: Kept) -> None:
    keys = small.expired(3)
    small.expired(2, age="-1 hour", first=100)
    shared = "UPDATE artifacts SET object_key = %s WHERE object_key = 'raw/100.fit'"
    small.database.execute(shared, keys[1])
    plan = await small.bench.plan("run-retention")
    assert plan.count == 2
    small.database.execute("UPDATE artifacts SET object_key = %s WHERE object_key = 'raw/101.fit'", keys[2])
    outcome = await small.bench.act(plan)  # the last one has become needed since the preview
    assert outcome.word == "partial" and "2 objects: 1 deleted, 1 changed; 2 rows: 1 removed, 1 kept" in outcome.message
    assert small.store.keys() & set(keys) == {keys[1], keys[2]}


async def test_a_session_on_which_somebody_works_goes_when_nobody_does(small: Kept) -> None:
    small.session(1)
    small.request(1)
    small.database.execute("UPDATE jobs SET state = 'running' WHERE run_id = 1")
    outcome = await small.bench.act(await small.bench.plan("run-deletions"))
    assert outcome.word == "partial" and "4 rows: 3 removed, 1 kept" in outcome.message
    assert small.rows("sessions") == 1 and "hangs on it" in outcome.differing[0]
    small.database.execute(  # it writes its result, and is done
        "INSERT INTO datasets (run_id, owner_user_id, object_key, bytes) VALUES (1, 1, 'datasets/late', 50);"
        "UPDATE jobs SET state = 'succeeded'"
    )
    small.store.put(["datasets/late"])
    assert (await small.bench.act(await small.bench.plan("run-deletions"))).word == "done"
    assert small.store.keys() == set() and [small.rows(of) for of in ("sessions", "datasets", "jobs")] == [0, 0, 0]


async def test_keys_of_any_letters_are_found_and_deleted_and_their_neighbours_stay(small: Kept) -> None:
    odd = ["raw/ä b+c%2B&<x>\"'.fit", "raw/\u00e9", "raw/e\u0301", "raw/\U0001f600", "raw/#?;,=@$", "raw/a//b", "raw/~"]
    small.database.execute(
        "INSERT INTO artifacts (session_id, owner_user_id, object_key, bytes, expires_at) "
        "SELECT 1, 1, key, 50, now() - interval '1 hour' FROM unnest(%s::text[]) key",
        odd,
    )
    beside = {"raw/é.fit", "raw/a/b", "raw/~~", "raw/ä b+c+&<x>"}
    small.store.put([*odd, *beside])
    outcome = await small.bench.act(await small.bench.plan("run-retention"))
    assert outcome.word == "done" and small.store.keys() == beside, outcome


async def test_a_bucket_that_has_got_versions_since_the_preview_keeps_what_nobody_has_confirmed(small: Kept) -> None:
    keys = small.expired(3)
    plan = await small.bench.plan("run-retention")
    small.store.turn_on_versions()
    small.store.put(keys[:1], b"another")
    outcome = await small.bench.act(plan)
    assert small.store.keys() >= {keys[0]} and "changed" in outcome.message and small.rows() >= 1


async def test_a_preview_that_a_slow_store_keeps_waiting_lives_from_its_end_on(
    small: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.expired(5)
    answer, answered = small.store.application, [0.0]

    def noted(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        answered.append(time.time())
        return answer(environ, start)

    monkeypatch.setattr(small.store, "application", noted)
    plan = await small.bench.plan("run-retention")
    assert plan.taken_at >= answered[-1] > 0
    assert (await small.bench.act(plan)).word == "done"
