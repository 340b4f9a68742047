"""An incident is the sum of its events; its timers, and what it lacks, are derived from nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.profile import IncidentRecord, Severity
from services.records.demands import missing
from services.records.event import Event
from services.records.incident import STATES, TEXTS, Incident
from services.records.incident_events import completion, incident, incidents
from services.records.message import filled, lacking
from services.records.timer import Timer
from services.records.timers import timers
from services.records.urgency import by_urgency

T = 1_700_000_000.0
SEVERITIES = {
    "SEV1": Severity(help="", acknowledge=300.0, update=900.0, close=86_400.0),
    "SEV2": Severity(help="", acknowledge=3600.0, update=7200.0),
    "SEV3": Severity(help=""),
}
WHATS = (
    "set",
    "graded",
    "turned",
    "closed",
    "attached",
    "linked",
    "acknowledged",
    "updated",
    "noted",
    "prevention",
    "x",
)


def told(*events: tuple[float, str, dict[str, Any]], severity: str = "SEV1") -> tuple[Event, ...]:
    """Opened at T; each of the others so many seconds later."""
    opened = (0.0, "opened", {"kind": "incident", "of": "incident", "title": "slow", "severity": severity})
    return tuple(
        Event(at + 1, "incident-1", T + after, "ana", what, body)
        for at, (after, what, body) in enumerate((opened, *events))
    )


def folded(*events: tuple[float, str, dict[str, Any]], severity: str = "SEV1") -> Incident:
    return incident(told(*events, severity=severity))


bodies = st.dictionaries(
    st.sampled_from(["text", "field", "severity", "state", "alert", "title", "since", "number", "due", "done", "run"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers(), max_size=2))
    | st.sampled_from([*STATES, *TEXTS, "SEV1", "SEV2", "2026-01-31"]),
)
events = st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from(WHATS), bodies), max_size=12)


@settings(max_examples=200, deadline=None)
@given(events)
def test_whatever_stands_in_the_file_it_folds_and_closed_is_the_end(
    found: list[tuple[float, str, dict[str, Any]]],
) -> None:
    it = folded(*sorted(found, key=lambda event: event[0]))
    assert it.state in STATES and 0 <= it.began_at <= it.opened_at == T
    assert (it.state == "closed") == any(what == "closed" for _, what, _ in found) == (it.since("closed") is not None)
    assert (it.ended_at is not None) == (it.state in ("resolved", "closed"))
    assert [one.number for one in it.prevention] == list(range(1, len(it.prevention) + 1))
    for timer in timers(it, SEVERITIES):
        assert all(due < until for due, until in timer.late) and timer.standing(T + 1e9) != "running"
    later = folded(*sorted(found, key=lambda event: event[0]), (2e6, "set", {"field": "scope", "text": "new"}))
    assert later.texts.get("scope") == ("new" if it.state != "closed" else it.texts.get("scope"))
    shown = "".join((it.title, *it.texts.values(), *(note.text for note in it.notes)))
    assert all(char.isprintable() or char == "\n" for char in shown)


def _timer(name: str, *events: tuple[float, str, dict[str, Any]], severity: str = "SEV1") -> Timer:
    return next(timer for timer in timers(folded(*events, severity=severity), SEVERITIES) if timer.name == name)


def test_somebody_has_to_have_it_in_hand_in_time() -> None:
    assert _timer("acknowledge").due == T + 300
    assert _timer("acknowledge").standing(T + 299) == "running"
    assert _timer("acknowledge").standing(T + 301) == "overdue"
    assert _timer("acknowledge", (200, "acknowledged", {})).standing(T + 9999) == "kept"
    late = _timer("acknowledge", (400, "acknowledged", {}), (500, "acknowledged", {}))
    assert (late.standing(T + 9999), late.late) == ("missed", ((T + 300, T + 400),))
    assert _timer("acknowledge", severity="SEV3").standing(T + 9999) == "not demanded"


def test_another_severity_gives_its_own_time_and_does_not_undo_that_one_has_passed() -> None:
    raised = _timer("acknowledge", (3000, "graded", {"severity": "SEV1"}), severity="SEV2")
    assert raised.due == T + 3300
    lowered = _timer("acknowledge", (400, "graded", {"severity": "SEV2"}))
    assert lowered.due == T + 300 and lowered.standing(T + 500) == "overdue"


def test_updates_are_due_since_the_last_one_and_not_while_it_is_resolved() -> None:
    sent = (800.0, "updated", {"text": "x"})
    assert _timer("update", sent).due == T + 800 + 900
    late = _timer("update", sent, (2000, "updated", {}))
    assert late.late == ((T + 1700, T + 2000),) and late.due == T + 2900
    resolved = (1000.0, "turned", {"state": "resolved"})
    assert _timer("update", sent, resolved).standing(T + 1e6) == "kept"
    again = _timer("update", sent, resolved, (50_000, "turned", {"state": "open"}))
    assert (again.due, again.late) == (T + 50_900, ())


def test_the_write_up_is_due_after_it_was_resolved() -> None:
    assert "close" not in [timer.name for timer in timers(folded(), SEVERITIES)]
    resolved = (1000.0, "turned", {"state": "resolved"})
    assert _timer("close", resolved).due == T + 1000 + 86_400
    assert _timer("close", resolved, (90_000, "closed", {})).standing(T + 1e9) == "missed"


EVERYTHING = ("timeline", "root-cause", "prevention", "owners", "due-dates", "severity", "scope")


def test_what_is_missing_is_named_exactly_and_nothing_else() -> None:
    record = IncidentRecord(kind="incident", title="Incident", demands=EVERYTHING)
    first = ["state", "timeline", "root cause", "prevention", "severity", "scope"]
    assert [line.split(":")[0] for line in missing(folded(severity=""), record)] == first
    it = folded(
        (1, "noted", {"text": "x"}),
        (2, "set", {"field": "root-cause", "text": "disk"}),
        (3, "set", {"field": "scope", "text": "  "}),
        (4, "prevention", {"text": "watch it", "owner": "ops"}),
        (5, "prevention", {"text": "buy one", "due": "2026-02-30"}),
        (6, "turned", {"state": "resolved"}),
    )
    assert missing(it, record) == (
        "owners: prevention 2 has none",
        "due dates: prevention 1 has none",
        "due dates: prevention 2 has none",
        "scope: it is not said what is affected",
    )
    assert missing(it, record.model_copy(update={"demands": ("root-cause", "prevention")})) == ()


def test_once_closed_only_notes_and_done_prevention_are_added() -> None:
    before = ((1.0, "prevention", {"text": "watch it"}), (2.0, "closed", {"timeline": [{"at": T}, 7]}))
    it = folded(
        *before,
        (3, "noted", {"text": "later"}),
        (4, "prevention", {"number": 1, "done": True, "text": "another", "owner": "bo"}),
        (5, "prevention", {"text": "a new one"}),
        (6, "turned", {"state": "open"}),
        (7, "graded", {"severity": "SEV2"}),
    )
    assert (it.state, it.severity, len(it.notes), len(it.timeline)) == ("closed", "SEV1", 1, 1)
    (one,) = it.prevention
    assert (one.text, one.owner, one.done_at) == ("watch it", "", T + 4)
    ended = completion(told(*before))
    assert ended and (ended.of, ended.at) == ("incident", T + 2) and completion(told()) is None


def test_those_under_way_come_first_and_of_each_the_newest() -> None:
    old = [replace(event, record="incident-old", at=event.at - 100) for event in told()]
    over = [replace(event, record="incident-over", at=event.at + 100) for event in told((1, "closed", {}))]
    found = incidents({"incident-old": old, "incident-over": over, "incident-1": told()})
    assert [one.id for one in found] == ["incident-1", "incident-old", "incident-over"]


def test_a_worse_severity_stands_above_and_of_one_severity_what_is_late() -> None:
    record = IncidentRecord(kind="incident", title="Incident", severities=SEVERITIES)
    there = [
        replace(folded(*more, severity=severity), id=id_, opened_at=T + at)
        for id_, severity, at, more in (
            ("mild", "SEV3", 900, ()),
            ("in-hand", "SEV2", 800, ((1.0, "acknowledged", {}), (2.0, "updated", {}))),
            ("late", "SEV2", -9000, ()),
            ("over-new", "SEV3", 500, ((501.0, "turned", {"state": "resolved"}),)),
            ("over-old", "SEV1", 0, ((501.0, "closed", {}),)),
            ("worst", "SEV1", -9500, ((1.0, "acknowledged", {}), (999.0, "updated", {}))),
            ("ungraded", "", 0, ()),
        )
    ]
    found = by_urgency(there, lambda it: record, ("SEV1", "SEV2", "SEV3"), T + 1000)
    assert [one.id for one in found] == ["ungraded", "worst", "late", "in-hand", "mild", "over-new", "over-old"]


@pytest.mark.parametrize("name", ["scope", "impact", "unaffected", "workaround"])
def test_a_message_guesses_nothing(name: str) -> None:
    record = IncidentRecord(kind="incident", title="Incident", severities=SEVERITIES)
    template = f"{{title}} {{{name}}}, next {{next_update}} {{unknown}}"
    at = "2023-11-14 22:28 UTC"
    assert filled(template, folded(), record, T) == f"slow not known yet, next {at} {{unknown}}"
    written = folded((1, "set", {"field": name, "text": "all of\nit \x1b[31m"}))
    assert filled(template, written, record, T) == f"slow all of\nit \\x1b[31m, next {at} {{unknown}}"
    assert lacking(template, folded()) == (name,) and lacking(template, written) == ()
