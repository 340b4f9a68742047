"""The timeline writes itself; an export is complete, and nobody's words make structure in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from services.actions.journal import Journal
from services.actions.plan import Outcome, Request
from services.errors import RecordError, WatchdeckError
from services.profile import Profile, parse
from services.readings import HealthCheck, HealthValues, Reading
from services.records.deploys import Deploys, deploys
from services.records.export import as_json, as_markdown
from services.records.incident import Incident
from services.records.incident_events import incident
from services.records.store import Records
from services.records.story import Story, story
from services.records.timeline import of_turns
from services.state import path_of
from services.text import safe
from services.units import Unit
from services.watching.transitions import Transition
from tests import samples
from tests.watching import HEAD, SLOW, Bench, rule
from tests.widgets.hostile import texts

RECORD = """
[records.incident]
kind = "incident"
title = "Incident"
[records.incident.severities.SEV1]
help = "down"
acknowledge = "5m"
update = "15m"
close = "1d"
"""


@pytest.fixture
def profile() -> Profile:
    return parse(HEAD + rule() + RECORD, "test.toml")


def _health(version: str, at: float) -> Reading:
    checks = (HealthCheck("/version", True, 200, 0.01, version), HealthCheck("/live", True, 200, 0.01))
    return Reading("a", at, at, 0.1, 2.0, HealthValues("http://a", checks), None)


def _opened(profile: Profile, at: float, **body: Any) -> str:
    return Records.of(profile).open("incident", "incident", "slow", "ana", at, severity="SEV1", **body)


async def test_the_timeline_is_joined_from_all_that_was_recorded_and_kept_when_it_is_closed(profile: Profile) -> None:
    bench = Bench(profile, path=path_of(profile))
    path_of(profile).parent.mkdir(parents=True, exist_ok=True)
    bench.read(*[SLOW] * 8)
    fired = bench.alert().fired_at
    assert fired is not None
    id_, records = _opened(profile, bench.clock.wall(), versions={"a /version": "1.0"}), Records.of(profile)
    opened = bench.clock.wall()
    records.append(id_, "attached", "ana", opened, {"alert": "slow", "title": "Slow", "since": fired})
    bench.clock.at += 60
    bench.watch.acknowledge("slow", "ana", "on it")
    run = records.open("run", "daily", "Daily", "bo", bench.clock.wall(), steps=[{"id": "look", "title": "Look"}])
    evidence = [{"title": "Depth", "state": "holds", "said": "3 (<= 5)"}]
    records.append(run, "ticked", "bo", bench.clock.wall(), {"step": "look", "title": "Look", "evidence": evidence})
    asked = Request(action="release-stale-locks", way="key", args={"type": "fuse", "ids": "1,2"})
    plan = samples.plan(2, request=asked)
    journal = Journal.of(profile)
    journal._wall = bench.clock.wall
    journal.append_intent("act-1", plan, "they hang")
    journal.append_outcome(
        Outcome(id="act-1", action=plan.request.action, word="done", asked=2, applied=2, message="2 changed")
    )
    records.append(
        "deploys-a", "seen", "watchdeck", opened - 600, {"source": "a", "path": "/v", "before": "1", "after": "2"}
    )
    bench.clock.at += 600
    bench.watch.state.close()  # written, as it is every moment
    told = story(profile, id_, bench.clock.wall(), bench.watch.transitions())
    kinds = [moment.kind for moment in told.moments]
    assert kinds[0] == "deploy" and {*kinds} == {"incident", "alert", "step", "action", "deploy"}
    words = as_markdown(told)
    for said in (
        "acknowledged by ana: on it",
        "release-stale-locks (type fuse): done, 2 rows: they hang",
        "| release-stale-locks | done | type fuse | 2 |",
        "Daily: ticked Look",
        "act-1",
        "3 (",
        "a /version",
    ):
        assert said in words.replace("\\", ""), said
    assert "OVERDUE" in words and told.unread == ()
    # the past of alerts is thrown away after a while; what was closed keeps it
    end = bench.clock.wall()
    records.append(id_, "closed", "ana", end, {"timeline": [moment.plain() for moment in told.moments]})
    path_of(profile).unlink()
    kept = story(profile, id_, end + 1e7)
    assert kept.moments[:-1] == told.moments and kept.moments[-1].what == "closed"
    # what was said after it was read, and before it was closed; or by a clock that was set back
    for earlier in (0.5, 120.0):
        records.append(id_, "noted", "bo", end - earlier, {"text": f"{earlier}"})
    again = [moment.what for moment in story(profile, id_, end + 1e7).moments]
    assert len(again) == len(kept.moments) + 2 and {"note: 0.5", "note: 120.0"} < {*again}


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [("share", 1 / 6, "16.7 %"), ("s", 146.0, "2.43 m"), ("bytes", 2.5e9, "2.5 GB"), ("", 12_345, "12345")],
)
def test_the_timeline_tells_values_in_the_rules_own_unit(unit: Unit, value: float, said: str) -> None:
    turn = Transition(10.0, "slow{type=fuse}", "1", "firing", "page", value, "")
    (moment,) = of_turns([turn], Incident("incident-1"), {"slow": ("It is slow", unit)})
    assert moment.what == f"another alert: It is slow {{type=fuse}}: firing at {said}"


def test_what_cannot_be_read_is_said_and_not_left_out(profile: Profile) -> None:
    id_ = _opened(profile, 1_700_000_000.0)
    path_of(profile).write_bytes(b"no database" * 999)
    told = story(profile, id_, 1_700_000_100.0)
    assert told.unread[0].startswith("alerts: ") and "COULD NOT BE READ" in as_markdown(told)
    with pytest.raises(RecordError, match="no incident"):
        story(profile, "incident-000000", 0.0)


FORGED = """

# heading

setext
===
- item
1. one
> quote
```
code

<h1>x</h1>
| a | b |
| - | - |
    code
***
[x]: http://y"""


def _hostile(profile: Profile) -> Story:
    """Whatever people can type, typed everywhere."""
    found, at = texts(), 1_700_000_000.0
    records, id_ = Records.of(profile), _opened(profile, at, versions={"# x": "# y"})
    forged = "\n".join(text.encode("utf-8", "replace").decode()[:300] for text in found if len(text) < 1000)
    forged = FORGED + "\n" + forged  # a text is cut at some length
    for name in ("scope", "impact", "root-cause"):
        records.append(id_, "set", forged, at, {"field": name, "text": forged})
    records.append(id_, "noted", "# by", at, {"text": forged})
    records.append(id_, "updated", "bo", at, {"text": forged, "to": "# to\n# to"})
    records.append(id_, "graded", "| by |", at, {"severity": "# SEV2", "text": "| x |\n# why"})
    records.append(id_, "prevention", "bo", at, {"text": "| x |\n# y", "owner": "# o", "due": "# d"})
    records.append(id_, "attached", "bo", at, {"alert": "# k", "title": "- t\n# t"})
    return story(profile, id_, at + 60)


def test_nobodys_words_make_structure(profile: Profile) -> None:
    told = _hostile(profile)
    text = as_markdown(told)
    assert all(safe(row, len(row) + 1) == row for row in text.split("\n"))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    heads = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert heads == [
        *("Incident: slow", "Severity", "Scope", "Impacted", "Not impacted", "Workaround", "Alerts"),
        *("Versions when it was opened", "Timeline", "Actions", "Notes", "Root cause", "Prevention", "Messages sent"),
    ]
    inside = {token.type for token in tokens} | {one.type for token in tokens for one in token.children or ()}
    assert not inside & {"fence", "code_block", "html_block", "html_inline", "link_open", "image", "hr", "code_inline"}
    assert not any(token.type == "ordered_list_open" for token in tokens)
    table = next(at for at, token in enumerate(tokens) if token.type == "table_open")
    assert tokens[table].level == 0 and text.count("\n## ") == len(heads) - 1
    assert json.loads(json.dumps(as_json(told)))["texts"]["scope"].count("\n") > 100


async def test_a_version_counts_when_it_was_read_twice_and_is_known_after_a_restart(profile: Profile) -> None:
    import asyncio

    said: list[str] = []

    async def seen(keeps: bool, *versions: str) -> list[tuple[str, str]]:
        watcher = Deploys(profile, lambda: keeps, said.append)
        running = asyncio.create_task(watcher.run())
        while watcher._known is None:
            await asyncio.sleep(0.005)
        for at, version in enumerate(versions):
            watcher.take(_health(version, 1000.0 + at))
        while not watcher._found.empty():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        running.cancel()
        return [(one.before, one.after) for one in deploys(Records.of(profile))]

    assert await seen(True, "1.0", "1.0", "2.0", "1.0", "2.0", "1.0") == [("", "1.0")]
    assert await seen(True, "2.0", "2.0", "", "2.0") == [("", "1.0"), ("1.0", "2.0")]
    assert len(await seen(False, "3.0", "3.0")) == 2 and said == []
    # what was noted last is known, also after the clock was set back in between
    for at, before, after in ((5000.0, "2.0", "3.0"), (10.0, "3.0", "4.0")):
        body = {"source": "a", "path": "/version", "before": before, "after": after}
        Records.of(profile).append("deploys-a", "seen", "watchdeck", at, body)
    assert len(await seen(True, "4.0", "4.0")) == 4


def test_records_of_a_later_version_are_left_alone(profile: Profile, tmp_path: Path) -> None:
    import sqlite3

    id_ = _opened(profile, 1.0)
    with sqlite3.connect(Records.of(profile).path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(WatchdeckError, match="of version 99"):
        Records.of(profile).events(id_)
    assert incident(()).state == "open"
