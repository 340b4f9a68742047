"""Conditions of procedures: unknown is never green, whatever it is that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from services.procedures.conditions import judge
from services.procedures.judged import judge as judge_procedure
from services.procedures.kept import Deed, Kept
from services.profile import Condition
from services.readings import AtLeast, Estimate, Fault, Figure, NamedFigure, NamedValues, Reading, Unknown
from services.records.completion import Completion
from tests.procedures import MONO, WALL, alert, profile, reading, seen

REFUSED = Fault("unreachable", "connection refused")
DEPTH = {"source": "app", "figure": "figures.depth", "op": "<=", "value": 20}


def condition(**keys: Any) -> Condition:
    return Condition.model_validate(keys, strict=False)


# ---- figures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "figure", "state", "said"),
    [
        ("<=", 20, "holds", "20 (<= 20)"),
        ("<=", 21, "fails", "21 (<= 20)"),
        ("<", 20, "fails", "20 (< 20)"),
        (">", 20.5, "holds", "20.5 (> 20)"),
        ("==", 20, "holds", "20 (== 20)"),
        ("!=", 20, "fails", "20 (!= 20)"),
        ("<=", Estimate(12), "holds", "~12 (<= 20)"),
        ("<=", Unknown("not permitted", "who are you"), "unknown", "not permitted: who are you (<= 20)"),
        ("<=", AtLeast(10), "unknown", "at least 10 (<= 20)"),
        ("<=", AtLeast(21), "fails", "at least 21 (<= 20)"),
        ("<", AtLeast(20), "fails", "at least 20 (< 20)"),
        (">=", AtLeast(20), "holds", "at least 20 (>= 20)"),
        (">", AtLeast(20), "unknown", "at least 20 (> 20)"),
        ("!=", AtLeast(21), "holds", "at least 21 (!= 20)"),
        ("==", AtLeast(20), "unknown", "at least 20 (== 20)"),
        ("<=", float("nan"), "unknown", "nan (<= 20)"),
    ],
)
def test_a_figure_is_compared_as_far_as_it_is_known(op: str, figure: Figure, state: str, said: str) -> None:
    found = judge(condition(**{**DEPTH, "op": op}), seen(None, reading({"depth": figure})))
    assert (found.state, found.said) == (state, said)


def test_a_share_is_told_in_percent_with_its_time() -> None:
    wanted = condition(source="app", figure="figures.failing_rate", op="<=", value=0.01)
    found = judge(wanted, seen(None, reading({"failing_rate": 0.004}, WALL - 2)))
    assert found.said == "0.4 % (<= 1 %)"
    assert (found.value, found.at, found.title) == (0.004, WALL - 2, "App: failing_rate")


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ((), "app: no data yet"),
        ((reading(REFUSED),), "app: connection refused"),
        ((reading({"depth": 3}), reading(REFUSED)), "app is stale: connection refused"),
        ((reading({"depth": 3}, WALL - 60),), "app is stale: no answer for twice its interval"),
        ((reading({"other": 3}),), "no data yet: there is no figure figures.depth now (<= 20)"),
    ],
)
def test_a_figure_of_a_silent_source_is_unknown(readings: tuple[Reading, ...], said: str) -> None:
    found = judge(condition(**DEPTH), seen(None, *readings))
    assert (found.state, found.said) == ("unknown", said)


def _mounts(**used: Figure) -> Reading:
    figures = tuple(NamedFigure("used", value, labels=(("mount", name),)) for name, value in used.items())
    return Reading("app", WALL, MONO, 0.1, 5.0, NamedValues("disks", figures))


@pytest.mark.parametrize(
    ("used", "state", "said"),
    [
        ({"a": 3, "b": 19}, "holds", "all 2, nearest mount=b: 19 (<= 20)"),
        ({"a": 3, "b": 21}, "fails", "mount=b: 21 (<= 20)"),
        (
            {"a": 30, "b": 21, "c": 40, "d": 50, "e": 60},
            "fails",
            "mount=a: 30; mount=b: 21; mount=c: 40 and 2 more (<= 20)",
        ),
        ({"a": 3, "b": Unknown("failed", "gone")}, "unknown", "mount=b: failed: gone (<= 20)"),
        ({"a": 99, "b": Unknown("failed", "gone")}, "fails", "mount=a: 99 (<= 20)"),
        ({}, "unknown", "there is no figures.used{*} now"),
    ],
)
def test_of_all_that_a_star_stands_for_each_must_hold(used: dict[str, Figure], state: str, said: str) -> None:
    wanted = condition(source="app", figure="figures.used{*}", op="<=", value=20)
    found = judge(wanted, seen(None, _mounts(**used)))
    assert (found.state, found.said) == (state, said)


# ---- rules and sources ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alerts", "state", "said"),
    [
        ((), "unknown", "the rule has not been judged yet"),
        ((alert("ok", value=12),), "holds", "12 (fires at > 50)"),
        ((alert("firing", value=60),), "fails", "firing: 60 (fires at > 50)"),
        (
            (alert("firing", value=60, confirmed=False, reason="app is stale"),),
            "fails",
            "firing: 60 (fires at > 50), unconfirmed: app is stale",
        ),
        ((alert("recovering", value=12),), "fails", "recovering: 12 (fires at > 50)"),
        ((alert("pending", value=60),), "unknown", "pending: 60 (fires at > 50)"),
        ((alert("unknown", reason="learning"),), "unknown", "learning"),
        (
            (alert("ok", value=1, labels=(("type", "a"),)), alert("firing", value=60, labels=(("type", "b"),))),
            "fails",
            "b: firing: 60 (fires at > 50)",
        ),
    ],
)
def test_a_rule_holds_only_when_every_instance_is_well(alerts: Any, state: str, said: str) -> None:
    found = judge(condition(rule="deep"), seen(None, reading({"depth": 1}), alerts=alerts))
    assert (found.state, found.said, found.title) == (state, said, "Queue is deep")


@pytest.mark.parametrize(
    ("readings", "state"),
    [
        ((), "unknown"),
        ((reading({"depth": 1}),), "holds"),
        ((reading(REFUSED),), "fails"),
        ((reading({}, WALL - 60),), "fails"),
    ],
)
def test_whether_a_source_answers_is_no_unknown_once_it_was_asked(readings: Any, state: str) -> None:
    assert judge(condition(source="app"), seen(None, *readings)).state == state


# ---- what people did ------------------------------------------------------------------------------------------------


def _did(at: float) -> Kept:
    return Kept(deeds=MappingProxyType({"plain": Deed("plain", at, "ana")}))


def test_an_action_counts_from_the_beginning_of_the_run() -> None:
    wanted = condition(action="plain")
    assert judge(wanted, seen(kept=_did(WALL - 60))).state == "manual"  # no run: nobody can say since when
    assert judge(wanted, seen(began=WALL - 90)).said == "never done from here"
    assert judge(wanted, seen(kept=_did(WALL - 60), began=WALL - 90)).said == "done 60 s ago by ana"
    assert judge(wanted, seen(kept=_did(WALL - 60), began=WALL - 30)).state == "fails"
    assert judge(wanted, seen(kept=Kept(no_deeds="the file is torn"), began=WALL)).said == "the file is torn"


def test_an_action_may_be_asked_for_within_a_time() -> None:
    assert judge(condition(action="plain", within="2m"), seen(kept=_did(WALL - 60))).state == "holds"
    assert judge(condition(action="plain", within="30s"), seen(kept=_did(WALL - 60))).state == "fails"
    ahead = judge(condition(action="plain", within="30s"), seen(kept=_did(WALL + 7200)))  # a clock was set meanwhile
    assert (ahead.state, ahead.said) == ("unknown", "done 2 h from now by ana: a clock was wrong")


def test_a_record_must_be_young_enough_and_have_passed() -> None:
    end = Completion("run-1", "daily", WALL - 7_200, "ana")
    wanted = condition(record="daily", within="1h")

    def told(*ends: Completion) -> str:
        found = judge(wanted, seen(kept=Kept(ended=MappingProxyType({one.of: one for one in ends}))))
        return f"{found.state}: {found.said}"

    assert told() == "fails: never done"
    assert told(end) == "fails: 2 h ago by ana (within 1 h)"
    assert told(replace(end, at=WALL - 60)) == "holds: 60 s ago by ana (within 1 h)"
    assert told(replace(end, at=WALL - 60, passed=False, said="2 of 9")).startswith("fails: the newest did not pass")
    assert judge(wanted, seen(kept=Kept(no_records="locked"))).state == "unknown"


# ---- all together ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("depth", "state"), [(3, "holds"), (30, "fails"), (AtLeast(1), "unknown")])
def test_a_procedure_is_as_well_as_its_worst_step_and_manual_steps_do_not_count(depth: Figure, state: str) -> None:
    found = judge_procedure("daily", seen(None, reading({"depth": depth})))
    assert found.state == state
    assert [step.state for step in found.steps] == [state, "manual", "manual", "manual", "manual"]


SHOWS = '[checklists.daily.steps.find-out]\ntitle = "How bad is it"\nshows = [{ rule = "deep" }, { check = "depth" }]\n'


def test_what_is_only_shown_is_judged_live_and_speaks_neither_for_nor_against() -> None:
    found = judge_procedure("daily", seen(profile(SHOWS), reading({"depth": 30}), alerts=(alert("ok", value=30),)))
    step = found.steps[-1]
    assert (step.state, step.against) == ("manual", ())
    assert [(one.state, one.said, one.shown) for one in step.conditions] == [
        ("holds", "30 (fires at > 50)", True),
        ("fails", "30 (<= 20)", True),
    ]
    assert found.against == ("Queue depth fails: 30 (<= 20)",), "of the step that demands it"
    well = judge_procedure("daily", seen(profile(SHOWS), reading({"depth": 3}), alerts=(alert("firing", value=60),)))
    assert well.state == "holds", "an alert that is only shown turns nothing red"


def test_one_condition_that_cannot_be_judged_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.procedures.figure.instances", lambda values, path: 1 / 0)
    found = judge_procedure("outage", seen(profile(), reading({"depth": 3}), alerts=(alert("ok", value=1),)))
    assert [step.state for step in found.steps] == ["fails", "holds"]
    broken = judge_procedure("daily", seen(profile(), reading({"depth": 3})))
    assert broken.steps[0].conditions[0].said == "it cannot be judged: ZeroDivisionError: division by zero"
