"""The local audit: durable before the effect, chained, shared by processes, and honest about what happened to it."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.actions.anchors import anchors
from services.actions.journal import Journal
from services.actions.plan import Confirm, Outcome, Plan, Request, Target
from services.errors import ActionError
from tests.actions import Bench, bench
from tests.conftest import Database


def plan(rows: int = 1) -> Plan:
    return Plan(
        request=Request(action="requeue-jobs"),
        title="Requeue jobs",
        profile="mre",
        environment="staging",
        production=False,
        server="db",
        system_identifier="1",
        database_user="alice",
        actor="alice",
        role="operator",
        risk="medium",
        confirm=Confirm(kind="count", expected="1"),
        targets=tuple(Target(id=str(at), label="x") for at in range(rows)),
        matching=rows,
        changes=(),
        reversible=True,
        taken_at=0.0,
    )


def outcome(action_id: str) -> Outcome:
    return Outcome(id=action_id, action="requeue-jobs", word="done", asked=1, applied=1, message="done")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "watchdeck" / "mre" / "audit.jsonl")


def filled(journal: Journal, count: int = 3) -> Journal:
    for at in range(count):
        journal.append_intent(f"a{at}", plan(), "why")
        journal.append_outcome(outcome(f"a{at}"))
    return journal


def test_a_new_audit_is_for_its_owner_alone(journal: Journal) -> None:
    filled(journal)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(journal.path.parent.parent.stat().st_mode) == 0o700
    assert journal.verify().records == 6 and journal.verify().ok


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lambda lines: [*lines[:2], lines[2].replace(b"why", b"wha"), *lines[3:]], "line 3: it was edited"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3: a record before it was removed"),
        (lambda lines: lines[1:], "line 1: a record before it was removed"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "line 2: a record before it"),
        (lambda lines: [*lines[:4], b"{}\n", *lines[4:]], "line 5: not a record"),
    ],
)
def test_r21_a_record_that_was_edited_removed_or_moved_is_found(journal: Journal, harm: object, found: str) -> None:
    lines = filled(journal).path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(harm(lines)))  # type: ignore[operator]
    assert found in journal.verify().problem


def test_a_torn_last_line_is_set_aside_and_nothing_is_lost(journal: Journal) -> None:
    whole = filled(journal).path.read_bytes()
    journal.path.write_bytes(whole + b'{"n": 7, "kind": "inte')
    assert journal.verify().ok and journal.verify().torn
    journal.append_intent("b", plan(), "next")
    assert journal.path.read_bytes().startswith(whole) and journal.verify().ok and not journal.verify().torn
    assert journal.path.with_suffix(".torn").read_bytes() == b'{"n": 7, "kind": "inte\n'


def test_an_intent_without_an_outcome_is_unsettled_and_an_unknown_outcome_settles_nothing(journal: Journal) -> None:
    filled(journal, 1).append_intent("lost", plan(), "why")
    journal.append_outcome(outcome("lost").model_copy(update={"word": "unknown", "applied": None}))
    assert [record["id"] for record in journal.unsettled()] == ["lost"]
    journal.append_settled(outcome("lost"), "bob")
    assert journal.unsettled() == ()


def _append(path: Path, who: int) -> None:
    for at in range(20):
        Journal(path).append_intent(f"{who}-{at}", plan(1000), "why")


def test_processes_that_write_at_the_same_time_keep_one_chain(journal: Journal) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.starmap(_append, [(journal.path, who) for who in range(3)])
    verdict = journal.verify()
    assert verdict.ok and verdict.records == 60


@pytest.mark.parametrize("obstacle", ["symlink", "hard link", "folder", "pipe"])
def test_a_log_that_somebody_else_may_have_placed_is_refused(journal: Journal, tmp_path: Path, obstacle: str) -> None:
    journal.path.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    if obstacle == "symlink":
        journal.path.symlink_to(elsewhere)
    elif obstacle == "hard link":
        os.link(elsewhere, journal.path)
    elif obstacle == "pipe":
        os.mkfifo(journal.path)
        with pytest.raises(ActionError, match="cannot be read"):
            journal.verify()
    else:
        journal.path.mkdir()
    with pytest.raises(ActionError, match="cannot be recorded") as refused:
        journal.append_intent("a", plan(), "why")
    assert "nothing was changed" in refused.value.remedy
    assert elsewhere.read_bytes() == b""


FULL = """
import resource, signal, sys
from pathlib import Path
from services.actions.journal import Journal
from tests.services.test_action_journal import plan

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (journal.path.stat().st_size + 200, resource.RLIM_INFINITY))
try:
    journal.append_intent("late", plan(), "why")
except Exception as error:
    print(error)
"""


def test_r5_what_a_full_disk_cut_short_is_taken_back(journal: Journal) -> None:
    before = filled(journal).path.read_bytes()
    done = subprocess.run([sys.executable, "-c", FULL, str(journal.path)], capture_output=True, text=True, check=True)
    assert "cannot be recorded: File too large" in done.stdout
    assert journal.path.read_bytes() == before


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return bench(mre, tmp_path)


async def test_r5_when_the_intent_cannot_be_written_nothing_runs(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.journal.path.parent.parent.mkdir(exist_ok=True)
    mine.journal.path.parent.write_text("a file where the folder should be")
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "cannot be recorded" in outcome.message
    assert mine.states() == {"failed": 1} and mine.ledger() == []


async def test_an_outcome_that_cannot_be_written_is_said_and_settled_later(mine: Bench) -> None:
    from services.actions.settle import settle

    mine.failed(1)
    path = mine.journal.path

    async def fill_the_disk(step: str) -> None:
        if step == "effect":
            path.rename(path.with_suffix(".away"))
            path.mkdir()

    outcome = await mine.act(await mine.plan("requeue-jobs", ids="1"), on_step=fill_the_disk)
    assert outcome.word == "done" and "the local record of it is missing" in outcome.message
    path.rmdir()
    path.with_suffix(".away").rename(path)
    assert [each.word for each in await settle(mine.profile, mine.journal, "alice")] == ["done"]
    assert mine.journal.unsettled() == ()


async def test_r21_a_tail_that_was_cut_off_is_found_against_the_ledger(mine: Bench) -> None:
    mine.failed(2)
    for row in ("1", "2"):
        assert (await mine.act(await mine.plan("requeue-jobs", ids=row))).word == "done"
    known = await anchors(mine.profile, mine.journal)
    assert len(known) == 2 and mine.journal.verify(known).ok
    lines = mine.journal.path.read_bytes().splitlines(keepends=True)
    mine.journal.path.write_bytes(b"".join(lines[:2]))
    assert mine.journal.verify().ok
    assert "here is no intent of it" in mine.journal.verify(known).problem
    assert json.loads(lines[2])["id"] in mine.journal.verify(known).problem
