"""Evidence: what was deleted is gone everywhere, what was published is there as it was written; the rest is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.errors import ActionError
from services.records import report
from services.records.report import Report
from services.records.store import Records
from tests.conftest import Database
from tests.purging import Kept, Store, kept, serving

KNOWN: set[str] = set()  # sessions that the API still answers for


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path.rpartition("/")[2] in KNOWN else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the tests' screen."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with serving() as store:
        yield store


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def here(store: Store, mre: Database, tmp_path: Path, api: str) -> Kept:
    KNOWN.clear()
    store.empty()
    return kept(store, mre, tmp_path, api)


def reported(here: Kept, action: str) -> Report:
    found = report.newest(Records.of(here.bench.profile), action)
    assert found
    return found


async def test_a_deletion_passes_when_nothing_of_it_is_left_anywhere(here: Kept) -> None:
    for session in (1, 2):
        here.session(session)
    here.request(1)
    with pytest.raises(ActionError, match="nothing to verify"):
        await here.bench.plan("verify-deletion")
    assert (await here.bench.act(await here.bench.plan("run-deletions"))).word == "done"

    plan = await here.bench.plan("verify-deletion")
    assert (plan.confirm.kind, plan.undo, plan.count) == ("key", "changes no data", 1)
    outcome = await here.bench.act(plan)
    assert outcome.word == "done" and "PASSED: 1 of 1 looked at: 5 as they should be" in outcome.message, outcome
    assert reported(here, "verify-deletion").passed


async def test_whatever_is_still_there_fails_it_and_is_listed(here: Kept) -> None:
    here.session(1)
    here.request(1)
    await here.bench.act(await here.bench.plan("run-deletions"))
    here.store.put(["datasets/s1/2"])  # from a backup that somebody has restored
    here.database.execute("INSERT INTO sessions (id, owner_user_id, size_class, format_family) VALUES (1, 1, 'S', 'x')")
    here.database.execute("DELETE FROM audit_events")
    KNOWN.add("1")
    outcome = await here.bench.act(await here.bench.plan("verify-deletion", request="1"))
    assert outcome.word == "partial" and "NOT PASSED" in outcome.message
    wrong = {line.what: line.said for line in reported(here, "verify-deletion").failed}
    assert wrong == {
        "request 1: no row of it is left": "rows is False",
        "request 1: the audit has it": "audit is False",
        "request 1: object datasets/s1/2": "still there, 1 version",
        "request 1: the API does not know the session": "HTTP 200",
    }


async def test_what_cannot_be_asked_is_unknown_and_never_passed(store: Store, mre: Database, tmp_path: Path) -> None:
    store.empty()
    here = kept(store, mre, tmp_path)  # its API does not answer
    here.session(1)
    here.request(1)
    await here.bench.act(await here.bench.plan("run-deletions"))
    outcome = await here.bench.act(await here.bench.plan("verify-deletion"))
    assert outcome.word == "partial" and "1 not known" in outcome.message
    plan = await here.bench.plan("verify-deletion")
    store.failing = 0
    outcome = await here.bench.act(plan)
    assert outcome.word == "partial" and "0 of 1 looked at" in outcome.message and "SlowDown" in outcome.message
    assert [line.word for line in reported(here, "verify-deletion").lines] == ["unknown"]


async def test_published_datasets_are_held_against_their_objects(here: Kept) -> None:
    for session in (1, 2, 3):
        here.session(session, published=session != 3)
    here.store.put(["datasets/s1/1"], b"DATA of 1")  # as long, and another
    here.store.put(["datasets/s1/2"], b"data of 1, and more")
    here.store.remove("datasets/s2/1")
    here.store.remove("datasets/s3/1")  # of a run that was never published
    outcome = await here.bench.act(await here.bench.plan("verify-datasets"))
    assert outcome.word == "partial" and "4 of 4 looked at: 1 as they should be, 3 not so" in outcome.message
    wrong = {line.what.partition(": object ")[2]: line.said for line in reported(here, "verify-datasets").failed}
    assert wrong["datasets/s2/1"] == "not there"
    assert wrong["datasets/s1/2"] == "19 bytes, recorded are 9"
    assert wrong["datasets/s1/1"].startswith("sha256") and "(read), recorded is" in wrong["datasets/s1/1"]


async def test_beyond_what_may_be_read_the_stores_own_checksum_must_do(
    store: Store, mre: Database, tmp_path: Path
) -> None:
    store.empty()
    here = kept(store, mre, tmp_path, **{'read = "256MiB"': 'read = "20B"'})
    here.session(1)
    here.session(2)  # 9 bytes each: two are read
    outcome = await here.bench.act(await here.bench.plan("verify-datasets"))
    assert outcome.word == "partial" and "2 as they should be, 2 not known" in outcome.message
    assert all("beyond the bytes" in line.said for line in reported(here, "verify-datasets").failed)
    store.checksum("datasets/s1/1", "datasets/s1/2", b"data of 1")
    outcome = await here.bench.act(await here.bench.plan("verify-datasets"))
    assert outcome.word == "done", outcome
    assert reported(here, "verify-datasets").figures["hashes, by the store"] == 2.0


async def test_a_setting_that_does_not_fit_is_refused(here: Kept) -> None:
    with pytest.raises(ActionError, match="is not allowed"):
        await here.bench.plan("verify-deletion", request="1; DROP TABLE sessions")
