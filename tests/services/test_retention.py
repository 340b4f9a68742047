"""What has expired goes: objects first, then exactly their rows, whatever breaks down meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.actions.manifest import Manifests
from services.actions.settle import settle
from services.errors import ActionError
from tests.conftest import Database
from tests.purging import Kept, Store, kept, serving


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with serving() as store:
        yield store


@pytest.fixture
def here(store: Store, mre: Database, tmp_path: Path) -> Kept:
    store.empty()
    return kept(store, mre, tmp_path)


async def test_what_has_expired_goes_and_nothing_else(here: Kept) -> None:
    here.expired(30)
    here.expired(20, "datasets")
    here.expired(5, age="-1 hour", first=1000)  # not due yet
    here.store.put(["raw/7", "raw/7.fit.bak", "backups/x.dump"])
    plan = await here.bench.plan("run-retention")
    assert (plan.count, plan.per_type, len(plan.targets)) == (50, {"raw artifact": 30, "derived dataset": 20}, 20)
    assert "50 objects, 2,500 B" in plan.changes[0] and plan.confirm.kind == "name"

    outcome = await here.bench.act(plan)
    assert outcome.word == "done" and outcome.applied == outcome.asked == 50, outcome
    assert "50 objects: 50 deleted; 50 rows: 50 removed" in outcome.message
    assert here.store.keys() == {f"raw/{n}.fit" for n in range(1000, 1005)} | {
        "raw/7",
        "raw/7.fit.bak",
        "backups/x.dump",
    }
    assert (here.rows(), here.rows("datasets"), here.rows("tombstones")) == (5, 0, 50)
    events = here.database.execute("SELECT kind, detail ->> 'deleted' FROM audit_events ORDER BY id")
    assert events == [("retention.deleted", None), ("retention.deleted", None), ("retention.completed", "50")]
    with pytest.raises(ActionError, match="nothing is due"):
        await here.bench.plan("run-retention")
