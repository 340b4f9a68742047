"""`watchdeck checklist` as scripts use it: live checks with an exit code, due timers, runs and their export."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.actions.journal import Journal
from services.procedures.judged import judge
from services.procedures.running import Running
from services.profile import load
from services.records.store import Records
from tests.procedures import seen
from tui.__main__ import root

PROFILE = """
schema = 1
name = "files"
title = "Files"
[roles]
default = "operator"
[sources.dumps]
kind = "files"
title = "Dumps"
glob = "{folder}/*.dump"
interval = "200ms"
[rules.few]
title = "Few dumps"
kind = "threshold"
source = "dumps"
figure = "figures.count"
op = "<"
value = 1
for = "1s"
severity = "SEV1"
[actions.ship]
title = "Ship"
effect = "command"
argv = ["true"]
gate = "here"
[checklists.here]
title = "It is there"
gate = true
every = "1d"
[checklists.here.steps.one]
title = "There is a dump"
holds = [{{ source = "dumps", figure = "figures.count", op = ">=", value = 1, title = "dumps" }}]
[checklists.here.steps.seen]
title = "Somebody saw it"
shows = [{{ source = "dumps", figure = "figures.count", op = ">=", value = 9, title = "a week of dumps" }}]
[checklists.others]
title = "Others"
[checklists.others.steps.old]
title = "Its age is known"
holds = [{{ source = "dumps", figure = "figures.newest_age_s", op = "<", value = 3600, title = "age" }}]
[checklists.others.steps.rule]
title = "The rule is content"
holds = [{{ rule = "few" }}]
[demo]
control = "http://127.0.0.1:1/x"
state = "{folder}/state"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "files.toml"
    made.write_text(PROFILE.format(folder=tmp_path))
    made.chmod(0o600)
    return made


def watchdeck(path: Path, *argv: str, given: str = "") -> Result:
    return CliRunner().invoke(root, ["--profile", str(path), *argv], input=given)


def test_it_is_green_by_live_checks_and_red_when_something_is_missing(path: Path) -> None:
    red = watchdeck(path, "checklist", "show", "here", "--json")
    assert red.exit_code == 1
    told = json.loads(red.stdout)
    assert (told["id"], told["title"], told["state"]) == ("here", "It is there", "fails")
    assert [(step["id"], step["state"]) for step in told["steps"]] == [("one", "fails"), ("seen", "manual")]
    (condition,) = told["steps"][0]["conditions"]
    assert (condition["title"], condition["state"], condition["said"]) == ("dumps", "fails", "0 (>= 1)")

    (path.parent / "a.dump").write_text("x")
    green = watchdeck(path, "checklist", "show", "here")
    assert green.exit_code == 0
    assert "● There is a dump" in green.stdout and "○ Somebody saw it (manual)" in green.stdout
    assert "✖ a week of dumps: fails: 1 (>= 9) (shown only)" in green.stdout  # and it counts for nothing


def test_what_cannot_be_told_is_three_and_waiting_helps_where_time_does(path: Path) -> None:
    unknown = watchdeck(path, "checklist", "show", "others")
    assert unknown.exit_code == 3
    assert "? age: unknown: " in unknown.stdout
    assert "? Few dumps: unknown: pending: 0 (fires at < 1 for 1 s)" in unknown.stdout
    (path.parent / "a.dump").write_text("x")
    begun = time.monotonic()
    waited = watchdeck(path, "checklist", "show", "others", "--wait", "30s")
    assert waited.exit_code == 0 and time.monotonic() - begun < 20  # no longer than it has to


def test_waiting_lets_a_rule_come_to_its_end(path: Path) -> None:
    waited = watchdeck(path, "checklist", "show", "others", "--wait", "3s")
    assert waited.exit_code == 1
    assert "✖ Few dumps: fails: firing: 0 (fires at < 1 for 1 s)" in waited.stdout


def test_a_name_that_is_none_is_bad_usage(path: Path) -> None:
    refused = watchdeck(path, "checklist", "show", "nope")
    assert refused.exit_code == 2 and "there are: here, others" in refused.stderr


def test_runs_and_timers_are_listed_and_exported(path: Path) -> None:
    assert "due now, never done (every 1 d)" in watchdeck(path, "checklist", "list").stdout
    profile = load(path)
    ana = Running(profile, Records.of(profile), "ana", time.time)
    run = ana.start("here")
    step = judge("here", seen(profile)).step("seen")
    assert step
    ana.tick(run, step, note="with my own eyes")
    assert f"{run}: 1 of 2 steps" in watchdeck(path, "checklist", "list").stdout
    ana.skip(run, "one", "tested")
    ana.complete(run)
    (listed,) = json.loads(watchdeck(path, "checklist", "list", "--json").stdout)[:1]
    assert (listed["gate"], listed["due"]["state"], listed["due"]["last"]["record"]) == (True, "ok", run)
    (told,) = json.loads(watchdeck(path, "checklist", "runs", "--json").stdout)
    assert (told["id"], told["state"], told["by"]) == (run, "completed", "ana")
    assert f"{run}  " in watchdeck(path, "checklist", "runs").stdout
    assert "- Note: with my own eyes" in watchdeck(path, "checklist", "export", run).stdout
    refused = watchdeck(path, "checklist", "export", "run-000000")
    assert refused.exit_code == 1 and "there is no run 'run-000000'" in refused.stderr


def test_an_action_from_the_command_line_is_judged_at_its_gate(path: Path) -> None:
    red = json.loads(watchdeck(path, "act", "ship", "--dry-run", "--json").stdout)
    assert (red["gate"], red["risk"]) == ("fails", "high")
    assert "gate here: dumps fails: 0 (>= 1)" in red["warnings"]
    (path.parent / "a.dump").write_text("x")
    green = json.loads(watchdeck(path, "act", "ship", "--dry-run", "--json").stdout)
    assert green["gate"] == "holds"
    # what was green at the preview has to be so when that plan is carried out
    (path.parent / "a.dump").unlink()
    done = watchdeck(path, "act", "ship", "--plan", "-", "--yes", "--reason", "x", given=json.dumps(green))
    assert done.exit_code == 1
    assert "its gate held at the preview, and it fails now: dumps fails: 0 (>= 1)" in done.stderr
    assert [one["kind"] for one in Journal.of(load(path)).records()] == ["denied"]
