"""How far a release has come: never complete while somebody says nothing, never unknown when two versions are seen."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from services.alerts import Alerts
from services.lint import check
from services.procedures.conditions import judge
from services.procedures.kept import Kept
from services.procedures.seen import Seen
from services.profile import Condition, Profile, parse
from services.readings import Fault, HealthCheck, HealthValues, NamedFigure, NamedValues, Reading, Snapshot, SourceState
from services.releases import Rollout, rollouts

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


def worker(pool: str, version: str, count: int = 1, component: str = "worker") -> NamedFigure:
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
