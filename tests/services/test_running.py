"""What may be said about a run, by several people, over restarts, in files that are really written."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.actions.journal import Journal
from services.actions.plan import Outcome
from services.errors import RecordError
from services.procedures.due import dues, overdue
from services.procedures.judged import judge
from services.procedures.kept import read
from services.procedures.running import Running
from services.procedures.verdict import JudgedStep
from services.profile import Profile, find, load
from services.records import report
from services.records.store import Records
from tests.procedures import WALL, profile, reading, seen


class Day:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = WALL

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def small(tmp_path: Path) -> Profile:
    return profile(state=tmp_path)


@pytest.fixture
def day() -> Day:
    return Day()


def hand(of: Profile, day: Day, by: str = "ana") -> Running:
    return Running(of, Records.of(of), by, day)


def judged(of: Profile, step: str, depth: float = 3) -> JudgedStep:
    found = judge("daily", seen(of, reading({"depth": depth}), began=WALL)).step(step)
    assert found
    return found


def test_a_run_is_gone_through_by_two_and_gone_on_with_after_a_restart(small: Profile, day: Day) -> None:
    ana, ben = hand(small, day), hand(small, day, "ben")
    run = ana.start("daily")
    ana.tick(run, judged(small, "depth"))
    ben.tick(run, judged(small, "depth"))  # a second time: no error
    day.at += 60
    ben.tick(run, judged(small, "look"), note="lit")
    found = read(small).under_way("daily")
    assert found and found.id == run and found.by == "ana"
    assert [(step.id, step.state, step.by) for step in found.steps if step.by] == [
        ("depth", "done", "ana"),
        ("look", "done", "ben"),
    ]
    assert [(one.title, one.state, one.said) for one in found.steps[0].evidence] == [
        ("Queue depth", "holds", "3 (<= 20)")
    ]


@pytest.mark.parametrize(
    ("step", "said", "needs"),
    [
        ("delete", {}, "it takes the words 'delete old'"),
        ("delete", {"typed": "delete the old"}, "it takes the words 'delete old'"),
        ("look", {}, "it needs a note"),
        ("look", {"note": "  "}, "it needs a note"),
        ("drained", {}, "Plain fails"),
    ],
)
def test_what_is_not_proved_is_not_ticked(
    small: Profile, day: Day, step: str, said: dict[str, str], needs: str
) -> None:
    ana = hand(small, day)
    run = ana.start("daily")
    with pytest.raises(RecordError, match=needs):
        ana.tick(run, judged(small, step), **said)
    assert ana.run(run).decided == 0


@pytest.mark.parametrize("depth", [30, float("nan")])
def test_against_its_condition_or_without_knowing_it_takes_a_reason(small: Profile, day: Day, depth: float) -> None:
    ana = hand(small, day)
    run = ana.start("daily")
    with pytest.raises(RecordError, match="say why it counts as done"):
        ana.tick(run, judged(small, "depth", depth))
    ana.tick(run, judged(small, "depth", depth), against="a batch is under way")
    assert ana.run(run).steps[0].against == "a batch is under way"
    ana.undo(run, "depth")
    ana.tick(run, judged(small, "depth"), against="not needed after all")
    assert ana.run(run).steps[0].against == ""


def test_a_run_is_complete_when_every_step_is_decided_that_is_not_optional(small: Profile, day: Day) -> None:
    ana = hand(small, day)
    run = ana.start("daily")
    with pytest.raises(RecordError, match="Depth is low, It was drained, The wall is lit and 1 more still to do"):
        ana.complete(run)
    with pytest.raises(RecordError, match="it is not optional"):
        ana.skip(run, "depth")
    ana.fail(run, "depth", "it is deep")
    ana.skip(run, "drained", "nothing to drain")
    ana.tick(run, judged(small, "look"), note="lit")
    ana.tick(run, judged(small, "delete"), typed=" delete old ")
    ana.complete(run, "all well")
    for late in (lambda: ana.note(run, "x"), lambda: ana.complete(run), lambda: ana.abandon(run, "x")):
        with pytest.raises(RecordError, match="this run was completed by ana"):
            late()
    kept = read(small)
    assert kept.under_way("daily") is None
    assert kept.passed["daily"].record == run


def test_a_run_can_be_completed_when_its_profile_asks_for_less_than_when_it_began(small: Profile, day: Day) -> None:
    """One step is gone from the profile, another has become optional: neither is asked for any more."""
    ana = hand(small, day)
    run = ana.start("daily")
    daily = small.checklists["daily"]
    steps = {name: one for name, one in daily.steps.items() if name != "drained"}
    steps["look"] = steps["look"].model_copy(update={"optional": True})
    ana = hand(small.model_copy(update={"checklists": {"daily": daily.model_copy(update={"steps": steps})}}), day)
    ana.tick(run, judged(small, "depth"))
    ana.tick(run, judged(small, "delete"), typed="delete old")
    ana.complete(run)
    assert read(small).passed["daily"].record == run
    # one that was undone by somebody else, between the look and the word, is asked for all the same
    again = hand(small, day).start("daily")
    hand(small, day).records.append(again, "completed", "ana", day(), {"waived": ["drained", "look"]})
    assert hand(small, day).run(again).ended == ""


def test_what_is_abandoned_is_kept_and_counts_for_nothing(small: Profile, day: Day) -> None:
    ana = hand(small, day)
    run = ana.start("daily")
    with pytest.raises(RecordError, match="it needs a reason"):
        ana.abandon(run, " ")
    ana.abandon(run, "fire alarm")
    kept = read(small)
    assert kept.find(run) and "daily" not in kept.ended


def test_an_outcome_and_notes_stand_at_their_step(small: Profile, day: Day) -> None:
    ana = hand(small, day)
    run = ana.start("daily")
    outcome = Outcome(id="1", action="plain", word="done", asked=1, applied=1, message="it ran")
    ana.acted(run, "drained", outcome)
    ana.note(run, "slow today", "drained")
    ana.note(run, "to all")
    found = ana.run(run)
    assert [(one.action, one.word, one.said) for one in found.steps[1].acted] == [("plain", "done", "it ran")]
    assert [note.text for note in found.steps[1].notes] == ["slow today"]
    assert [note.text for note in found.notes] == ["to all"]


def test_it_is_due_so_long_after_the_last_time_and_soon_before(small: Profile, day: Day) -> None:
    (never,) = dues(small, read(small), WALL)
    assert (never.when, never.at) == ("due now", None)
    ana = hand(small, day)
    run = ana.start("daily")
    for step in ("depth", "drained", "look", "delete"):
        ana.skip(run, step, "tested")
    ana.complete(run)
    kept, hour = read(small), 3600.0
    told = {after: dues(small, kept, WALL + after * hour)[0].when for after in (0, 21.5, 21.7, 23.9, 24)}
    assert told == {0: "ok", 21.5: "ok", 21.7: "due soon", 23.9: "due soon", 24: "overdue"}
    (due,) = overdue(dues(small, kept, WALL + 30 * hour))
    assert due.last and (due.last.record, due.last.by) == (run, "ana")


def test_a_restore_test_comes_round_and_one_that_failed_does_not_count() -> None:
    path = find("mre")
    assert path
    shipped = load(path)
    due = lambda: next(one for one in dues(shipped, read(shipped), WALL) if one.id == "restore-test")  # noqa: E731
    assert (due().when, due().title) == ("due now", "Restore test")
    records = Records.of(shipped)
    for days, passed in ((40, True), (1, False)):
        at = WALL - days * 86_400.0
        report.write(records, "restore-test", "Restore test", "ana", at, passed=passed)
    assert (due().when, due().last and due().last.by) == ("overdue", "ana")
    report.write(records, "restore-test", "Restore test", "bo", WALL - 60, passed=True)
    assert due().when == "ok"


def test_records_that_cannot_be_read_are_unknown_and_not_never(small: Profile) -> None:
    path = Records.of(small).path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be told from an empty file" * 20)
    kept = read(small)
    assert "the records cannot be reached" in kept.no_records
    assert dues(small, kept, WALL)[0].when == "unknown"


def test_a_report_that_did_not_pass_is_the_newest_and_not_the_last_success(small: Profile) -> None:
    records = Records.of(small)
    report.write(records, "plain", "Restore test", "ana", WALL, True)
    bad = [report.Line("failed", "table jobs", "2 rows short")]
    report.write(records, "plain", "Restore test", "ana", WALL + 60, False, bad)
    kept = read(small)
    assert (kept.ended["plain"].passed, kept.ended["plain"].said) == (False, "1 of 1 are not as they should be")
    assert kept.passed["plain"].at == WALL


def test_deeds_are_those_that_were_done(small: Profile) -> None:
    journal = Journal.of(small)
    for id_, word in (("1", "done"), ("2", "not applied")):
        journal._append("intent", id_, action="plain", actor="ana (as root)", rows=[])
        journal.append_outcome(Outcome(id=id_, action="plain", word=word, asked=1, applied=1, message=""))  # type: ignore[arg-type]
    first = next(record for record in journal.records() if record["kind"] == "outcome")
    deed = read(small).deeds["plain"]
    assert (deed.at, deed.by) == (first["wall"], "ana (as root)")
