"""`watchdeck act`, `audit` and `roles` as a person, a script and the console use them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from services.actions.child import run_child
from services.actions.journal import Journal
from services.actions.plan import Plan
from tests.actions import Bench, bench, until
from tests.conftest import Database


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    made = bench(mre, tmp_path)
    return Bench(made.database, made.profile, Journal.of(made.profile), tmp_path)


def watchdeck(mine: Bench, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", "--profile", str(mine.file()), *argv]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)


def test_a_dry_run_changes_nothing_and_its_plan_can_be_carried_out(mine: Bench) -> None:
    mine.failed(2)
    dry = watchdeck(mine, "act", "requeue-jobs", "--set", "type=parse_raw", "--dry-run", "--json")
    assert dry.returncode == 0 and len(json.loads(dry.stdout)["targets"]) == 2
    assert mine.states() == {"failed": 2}
    argv = ("act", "requeue-jobs", "--plan", "-", "--yes", "--reason", "storage is back", "--json")
    done = watchdeck(mine, *argv, stdin=dry.stdout)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [line["step"] for line in lines[:-1]] == ["checked", "intent", "effect", "read back", "outcome"]
    assert lines[-1]["outcome"]["word"] == "done" and mine.states() == {"queued": 2}
    again = watchdeck(mine, *argv, stdin=dry.stdout)
    assert again.returncode == 1 and "matched 0 of 2" in again.stdout


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["requeue-jobs", "--set", "ids=1"], "no terminal to ask on"),
        (["requeue-jobs", "--set", "ids=1", "--yes"], "--yes needs --reason"),
        (["requeue-jobs", "--set", "ids", "--dry-run"], "write key=value"),
        (["requeue-jobs", "--plan", "-", "--dry-run"], "not a preview"),
        (["requeue-jobs", "--plan", "-", "--yes", "--set", "ids=1"], "contradict each other"),
        (["requeue-jobs", "--set", "ids=1", "--json"], "--json asks nothing"),
        (["requeue-jobs", "--set", "ids=1", "--yes", "--reason", "x" * 2001], "2,001 characters"),
    ],
)
def test_bad_usage_exits_with_2(mine: Bench, argv: list[str], message: str) -> None:
    done = watchdeck(mine, "act", *argv, stdin="{}")
    assert done.returncode == 2 and message in done.stderr


def test_read_only_refuses_here_too(mine: Bench) -> None:
    mine.failed(1)
    done = watchdeck(mine, "--read-only", "act", "requeue-jobs", "--set", "ids=1", "--yes", "--reason", "x")
    assert done.returncode == 1 and "read-only" in done.stderr and mine.states() == {"failed": 1}


def test_a_preview_that_was_edited_is_denied_and_recorded(mine: Bench) -> None:
    mine.failed(2)
    dry = watchdeck(mine, "act", "requeue-jobs", "--set", "ids=1", "--dry-run", "--json")
    edited = dry.stdout.replace('"id":"1"', '"id":"2"')
    assert edited != dry.stdout
    done = watchdeck(mine, "act", "requeue-jobs", "--plan", "-", "--yes", "--reason", "x", stdin=edited)
    assert done.returncode == 1 and "not as the preview made it" in done.stderr
    assert mine.states() == {"failed": 2}
    assert [(record["kind"], record["action"]) for record in mine.journal.records()] == [("denied", "requeue-jobs")]


@pytest.mark.parametrize(
    ("flags", "roles", "said"),
    [
        (("--read-only",), "", "this console is read-only"),
        ((), 'default = "viewer"', "needs the role operator, you are viewer"),
    ],
)
def test_a_given_plan_passes_the_gate_again(mine: Bench, flags: tuple[str, ...], roles: str, said: str) -> None:
    mine.failed(1)
    dry = watchdeck(mine, "act", "requeue-jobs", "--set", "ids=1", "--dry-run", "--json")
    profile = mine.file()
    profile.write_text(profile.read_text().replace('default = "operator"', roles or 'default = "operator"'))
    command = [sys.executable, "-m", "tui", "--profile", str(profile), *flags, "act", "requeue-jobs"]
    command += ["--plan", "-", "--yes", "--reason", "x"]
    done = subprocess.run(command, input=dry.stdout, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout.startswith("denied: ") and said in done.stdout
    fresh = [*command[:-5], "--set", "ids=1", *command[-3:]]
    done = subprocess.run(fresh, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and said in done.stderr
    assert [record["kind"] for record in mine.journal.records()] == ["denied", "denied"]
    assert mine.states() == {"failed": 1}


def on_a_terminal(mine: Bench, ahead: str, answer: str) -> tuple[int, str]:
    """`act` on a pseudo-terminal: `ahead` is typed before anything is shown, `answer` after the question."""
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "tui", "--profile", str(mine.file()), "act", "requeue-jobs", "--set", "ids=1,2"]
    os.write(master, ahead.encode())
    shown = b""
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        try:
            while b"to go on" not in shown:
                shown += os.read(master, 4096)
            os.write(master, answer.encode())
            while piece := os.read(master, 4096):
                shown += piece
        except OSError:  # it has ended, and closed its side
            pass
        code = process.wait(10)
    os.close(master)
    return code, shown.decode()


def test_on_a_terminal_the_count_is_asked_for_and_nothing_else_confirms(mine: Bench) -> None:
    mine.failed(2)
    code, shown = on_a_terminal(mine, "2\n", "\n")  # what was typed before the preview is no answer to it
    assert code == 1 and "not confirmed: nothing was changed" in shown and mine.states() == {"failed": 2}
    assert "2 of 2 matching" in shown and "cannot be undone" in shown
    code, shown = on_a_terminal(mine, "", "2\n")
    assert code == 0 and "done: Requeue jobs: done, 2 of 2" in shown and mine.states() == {"queued": 2}


def test_an_action_that_cannot_be_settled_yet_exits_with_4(mine: Bench) -> None:
    plan = asyncio.run(planned(mine))
    ago = Journal(mine.journal.path, wall=lambda: time.time() - 60)  # its runner has had all the time it needs
    ago.append_intent("0193f1c2-0000-7000-8000-000000000001", plan, "why")
    profile = mine.file()
    here = f"port={mine.database.cluster.port}"
    away = profile.read_text().replace(here, "port=1")
    command = [sys.executable, "-m", "tui", "--profile", str(profile), "audit"]
    reachable = profile.read_text()
    profile.write_text(away)
    left = subprocess.run([*command, "settle"], capture_output=True, text=True, timeout=60)
    assert left.returncode == 4 and "1 looked at, 1 still unknown" in left.stdout and "refused" in left.stdout
    profile.write_text(reachable)
    settled = subprocess.run([*command, "settle"], capture_output=True, text=True, timeout=60)
    assert settled.returncode == 0 and "not applied: Requeue jobs" in settled.stdout
    assert "nothing to settle" in watchdeck(mine, "audit", "settle").stdout
    assert "not applied  0 rows: 1 · why · Requeue jobs: not applied" in watchdeck(mine, "audit", "tail").stdout


async def planned(mine: Bench) -> Plan:
    mine.failed(1)
    return await mine.plan("requeue-jobs", ids="1")


def test_the_audit_is_told_verified_and_exported(mine: Bench) -> None:
    mine.failed(1)
    acted = watchdeck(mine, "act", "requeue-jobs", "--set", "ids=1", "--yes", "--reason", "=cmd()")
    assert acted.returncode == 0, acted.stderr
    assert "requeue-jobs  done  1 rows: 1 · =cmd()" in watchdeck(mine, "audit", "tail").stdout
    assert "2 records, unbroken, 1 of them against the ledger" in watchdeck(mine, "audit", "verify").stdout
    (row,) = csv.DictReader(io.StringIO(watchdeck(mine, "audit", "export", "--csv").stdout))
    assert (row["outcome"], row["reason"], row["ids"]) == ("done", "'=cmd()", "1")
    assert (row["environment"], row["database_user"], row["role"]) == ("staging", "postgres", "operator")
    assert len(watchdeck(mine, "audit", "export").stdout.splitlines()) == 2
    mine.journal.path.write_text(mine.journal.path.read_text().replace("=cmd()", "because"))
    broken = watchdeck(mine, "audit", "verify")
    assert broken.returncode == 1 and "line 1: it was edited" in broken.stderr


def test_the_roles_are_printed_and_never_applied(mine: Bench) -> None:
    printed = watchdeck(mine, "roles", "--sql")
    assert printed.returncode == 0
    mine.database.execute(printed.stdout)
    assert watchdeck(mine, "roles").returncode == 2


# ---- as the console's child


async def test_the_console_follows_its_child_to_the_outcome(mine: Bench) -> None:
    mine.failed(2)
    steps: list[Any] = []
    outcome = await run_child(await mine.plan("requeue-jobs", type="parse_raw"), "-because", mine.file(), steps.append)
    assert (outcome.word, outcome.applied) == ("done", 2)
    assert steps == ["checked", "intent", "effect", "read back", "outcome"]
    assert next(mine.journal.records())["reason"] == "-because"


async def test_a_child_that_cannot_start_has_applied_nothing_and_says_why(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    broken = mine.folder / "broken.toml"
    broken.write_text("schema = 2")
    outcome = await run_child(plan, "because", broken)
    assert outcome.word == "not applied" and "broken.toml" in outcome.message


CONSOLE = """
import asyncio, sys
from pathlib import Path
from services.actions.child import run_child
from services.actions.plan import Plan

def on_step(step):
    print(step, flush=True)

asyncio.run(run_child(Plan.model_validate_json(sys.stdin.read()), "because", Path(sys.argv[1]), on_step))
"""


async def test_the_console_killed_in_the_middle_does_not_stop_its_child(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN new; END';"
        "CREATE TRIGGER slow BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    argv = [sys.executable, "-c", CONSOLE, str(mine.file())]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0) as console:
        assert console.stdin and console.stdout
        console.stdin.write(plan.model_dump_json())
        console.stdin.close()
        while await asyncio.to_thread(console.stdout.readline) != "intent\n":
            pass
        os.killpg(console.pid, signal.SIGKILL)  # the whole group, as a terminal that hangs up would
    await until(lambda: not mine.journal.unsettled(), "the child records the outcome")
    assert mine.states() == {"queued": 1}
