"""How far a release has come: never complete while somebody says nothing, never unknown when two versions are seen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest

from services.alerts import Alerts
from services.lint import check
from services.procedures.conditions import judge
from services.procedures.kept import Kept
from services.procedures.seen import Seen
from services.profile import Condition, Profile, parse
from services.readings import (
    Fault,
    Figure,
    HealthCheck,
    HealthValues,
    NamedFigure,
    NamedValues,
    Reading,
    Snapshot,
    SourceState,
    Unknown,
)
from services.releases import rollouts
from services.rollout import Rollout
from tests.outside import bench, program

PROFILE = """
schema = 1
name = "shop"
title = "Shop"
[sources.web]
kind = "http"
url = "http://127.0.0.1:1"
paths = ["/version", "/health"]
[sources.db]
kind = "postgres"
dsn = "dbname=shop"
[sources.versions]
kind = "sql"
database = "db"
query = "SELECT 1 AS running"
value = "running"
labels = ["component", "pool", "version"]
[releases.web]
title = "Web"
instances = [{ source = "web", path = "/version" }]
pin = "2.1"
[releases.workers]
title = "Workers"
instances = [{ source = "versions", figure = "running", match = { component = "worker" } }]
pinned = { source = "versions", figure = "running", match = { component = "pin" } }
"""


def worker(pool: str, version: str, count: Figure = 1, component: str = "worker") -> NamedFigure:
    return NamedFigure("running", count, labels=(("component", component), ("pool", pool), ("version", version)))


PIN = worker("", "1.4", component="pin")


def snapshot(web: str | None, *running: NamedFigure, web_at: float = 100.0) -> Snapshot:
    """None: the web server does not answer."""
    fault = Fault("unreachable", "connection refused")
    answered = HealthCheck(
        "/version", web is not None, 200 if web else None, 0.1, web or "", fault=None if web else fault
    )
    readings = (
        Reading("web", web_at, web_at, 0.1, 5.0, HealthValues("http://x", (answered,))),
        Reading("versions", 100.0, 100.0, 0.1, 5.0, NamedValues("db", running)),
    )
    return Snapshot(MappingProxyType({one.source: SourceState(one.source, 5.0, one) for one in readings}))


@pytest.fixture(scope="module")
def profile() -> Profile:
    return parse(PROFILE, "shop.toml")


@pytest.mark.parametrize(
    ("seen", "web", "workers", "said"),
    [
        (snapshot("2.1", worker("a", "1.4", 2), worker("b", "1.4"), PIN), "complete", "complete", "all are 1.4"),
        (snapshot("2.2", worker("a", "1.4"), worker("b", "1.5"), PIN), "other", "mixed", "1.4, 1.5 at the same time"),
        (snapshot(None, worker("a", "1.5"), PIN), "unknown", "other", "all are 1.5, and should be 1.4"),
        (snapshot("2.1", worker("a", "1.4"), worker("b", "1.5", 0), PIN), "complete", "complete", "all are 1.4"),
        (snapshot("2.1", PIN), "complete", "unknown", "it tells of no instance now"),
        (snapshot("2.1", worker("a", "1.4")), "complete", "unknown", "its pin is not known"),
        (snapshot("2.1", worker("a", "1.4"), worker("b", ""), PIN), "complete", "unknown", "b"),
        (snapshot("2.1", worker("a", "1.4"), worker("b", ""), worker("c", "2"), PIN), "complete", "mixed", "1.4, 2"),
        (snapshot("2.1", worker("a", "1.4", Unknown("failed", "timed out")), PIN), "complete", "unknown", "timed out"),
        (snapshot("2.1", worker("a", "1.4", float("nan")), PIN), "complete", "unknown", "how many there are"),
        (snapshot("2.1", worker("a", "1.4"), PIN, web_at=10.0), "unknown", "complete", "all are 1.4"),  # it is stale
    ],
)
def test_the_state_is_what_is_known_of_all_instances(
    profile: Profile, seen: Snapshot, web: str, workers: str, said: str
) -> None:
    found: dict[str, Rollout] = {one.id: one for one in rollouts(profile, seen, 101.0)}
    assert (found["web"].state, found["workers"].state) == (web, workers)
    assert said in found["workers"].said
    words = {"complete": "holds", "unknown": "unknown"}
    everything = Seen(profile, seen, Alerts(), 101.0, 1000.0, Kept())
    for name, state in (("web", web), ("workers", workers)):
        verdict = judge(Condition(release=name), everything)
        assert (verdict.state, verdict.said) == (words.get(state, "fails"), found[name].said)


def test_instances_are_counted_by_their_versions(profile: Profile) -> None:
    seen = snapshot("2.1", worker("a", "1.4", 2), worker("b", "1.5"), worker("c", "1.4"), PIN)
    found = rollouts(profile, seen, 101.0)[1]
    assert found.versions == (("1.4", 3), ("1.5", 1)) and [one.name for one in found.instances] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ('path = "/version"', 'path = "/v2"', "does not ask for '/v2'"),
        ('source = "web"', 'source = "wub"', "no source is named 'wub'"),
        ('source = "web", path = "/version"', 'source = "db"', "kind postgres names no versions"),
        ('figure = "running", match = { component = "worker" }', 'path = "/"', "which figure of 'versions'"),
        ('match = { component = "pin" }', 'label = "tag"', "and not 'tag'"),
        ('pin = "2.1"', 'pin = "2.1"\naction = "back"', "no action is named 'back'"),
    ],
)
def test_a_release_that_leads_nowhere_is_told(line: str, instead: str, problem: str) -> None:
    assert line in PROFILE
    assert any(problem in said for said in check(parse(PROFILE.replace(line, instead, 1), "shop.toml")))
    assert not [said for said in check(parse(PROFILE, "shop.toml")) if "releases" in said]


# ---- rolled back


class Instances(BaseHTTPRequestHandler):
    """Two servers in one: each answers with the version that stands in its file."""

    folder: Path

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        name = self.path.strip("/")
        self.wfile.write(json.dumps({"version": (self.folder / name).read_text()}).encode())

    def log_message(self, *told: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    for name in ("web", "worker"):
        (tmp_path / name).write_text("2.2")
    handler = type("Handler", (Instances,), {"folder": tmp_path})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def released(url: str, program_: Path, **more: str) -> str:
    stages = "".join(
        f"""
[actions.rollback.stages.{name}]
title = "{name}"
argv = ["{program_}", "{name}"]
release = "{name}"
"""
        for name in ("web", "worker")
    )
    releases = "".join(
        f"""
[releases.{name}]
title = "{name}"
instances = [{{ source = "versions", path = "/{name}" }}]
pin = "2.1"
"""
        for name in ("web", "worker")
    )
    return f"""
[sources.versions]
kind = "http"
url = "{url}"
paths = ["/web", "/worker"]
{releases}
[actions.rollback]
title = "Roll back"
effect = "rollout"
timeout = "{more.get("timeout", "5s")}"
{stages}
"""


async def test_a_rollback_goes_on_to_the_next_component_when_the_one_before_answers_with_its_pin(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.rollout.effect.EVERY_S", 0.05)
    does = f"""
folder = {str(tmp_path)!r}
if sys.argv[1] == "worker" and open(folder + "/web").read() != "2.1":
    sys.exit("web first")
if os.fork() == 0:
    time.sleep(0.6)
    open(folder + "/" + sys.argv[1], "w").write("2.1")
"""
    mine = bench(tmp_path, released(served, program(tmp_path, "release", does)))
    plan = await mine.plan("rollback")
    assert plan.confirm.kind == "name" and [target.state for target in plan.targets] == ["1 x 2.2", "1 x 2.2"]
    said: list[str] = []
    outcome = await mine.act(plan, said)
    assert (outcome.word, outcome.applied) == ("done", 2), outcome.message
    assert "web: all are 2.2, and should be 2.1" in said


@pytest.mark.parametrize(
    ("does", "word", "said"),
    [
        ("sys.exit('no such tag')", "partial", "web: exit code 1: no such tag"),
        ("pass", "partial", "web: all are 2.2, and should be 2.1 after"),
    ],
)
async def test_a_rollback_that_does_not_get_on_touches_nothing_that_comes_after(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, word: str, said: str
) -> None:
    monkeypatch.setattr("services.actions.effects.rollout.effect.EVERY_S", 0.05)
    log = f"open({str(tmp_path / 'log')!r}, 'a').write(sys.argv[1] + ' ')\n"
    mine = bench(tmp_path, released(served, program(tmp_path, "release", log + does), timeout="300ms"))
    outcome = await mine.do("rollback")
    assert (outcome.word, outcome.applied) == (word, 0) and said in outcome.message
    assert (tmp_path / "log").read_text() == "web "
