"""The show: retention on thousands of objects, the store failing half-way, its runner killed, and gone on with."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

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
