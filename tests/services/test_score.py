"""A drill's score sheet: the times, the right and the wrong actions, and what became of the steps."""

from __future__ import annotations

from dataclasses import replace

from services.procedures.score import helping, score, sheet
from services.readings import AuditEntry
from services.records.run import Run, StepRun
from tests.procedures import WALL, profile

MORE = """
[rules.slow]
title = "Slow"
kind = "threshold"
source = "app"
figure = "figures.depth"
value = 1
severity = "SEV2"
remedy = "drain"
[checks.fast]
rule = "slow"
[playbooks.trained]
title = "Trained"
[playbooks.trained.steps.drain]
title = "Drain it"
action = "plain"
[playbooks.trained.steps.fast]
title = "It is fast"
holds = [{ check = "fast" }]
"""
STEPS = (StepRun("drain", "Drain it", state="done", against="no time", late_s=5.0), StepRun("fast", "It is fast"))
RUN = Run("run-1", "trained", "Trained", WALL, "ana", STEPS, drill=True)


def entry(action: str, after: float, outcome: str = "done") -> AuditEntry:
    return AuditEntry(action, WALL + after, "ana", action, outcome, 1, "", "", "key", ())


def test_the_right_actions_are_the_playbooks_and_the_remedies_of_what_it_is_about() -> None:
    assert helping(profile(MORE), "trained") == {"plain", "drain"}
    assert helping(profile(MORE), "outage") == set()  # its rule has no remedy


def test_what_fires_again_has_not_recovered_until_it_has_again() -> None:
    marks = {"alert": WALL + 30, "recovered": WALL + 60, "relapsed": WALL + 70}
    assert score(profile(MORE), replace(RUN, marks=marks), ()).recovered_s is None
    assert score(profile(MORE), replace(RUN, marks=marks | {"recovered": WALL + 80}), ()).recovered_s == 80


def test_times_count_from_the_start_and_what_did_not_come_before_its_end_is_told_so() -> None:
    played = replace(RUN, marks={"alert": WALL + 30, "acknowledged": WALL + 45})
    audit = (entry("drain", 90), entry("other", 60), entry("plain", 50, "not applied"), entry("drain", -10))
    found = score(profile(MORE), played, audit)
    assert (found.alert_s, found.acknowledged_s, found.right_s, found.recovered_s) == (30, 45, 90, None)
    assert [one.action for one in found.right] == ["drain"]  # what did not succeed helped nobody, and was not wrong
    assert [one.action for one in found.wrong] == ["other"]
    assert list(sheet(found)) == [
        "Drill: Trained, run run-1 by ana: not ended",
        "  to the alert               30 s",
        "  to having it in hand       45 s",
        "  to the first right action  90 s",
        "  to recovery                not before it ended",
        "  steps                      1 done (1 against their condition, 1 late), 0 skipped, 0 failed, 1 left",
        "  right actions              drain (done)",
        "  wrong actions              other (done)",
    ]
