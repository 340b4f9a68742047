"""A run is the fold of what people said: in whichever order they say it, nothing said twice or late does harm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.procedures.merged import merged
from services.records.event import OPENED, Event
from services.records.run import Run, completion, folded
from services.records.run_text import markdown
from tests.procedures import WALL, profile

STEPS = ({"id": "a", "title": "A"}, {"id": "b", "title": "B", "by": 60.0}, {"id": "c", "title": "C", "optional": True})
BEGUN = Event(1, "run-1", WALL, "ana", OPENED, {"kind": "run", "of": "daily", "title": "Daily", "steps": STEPS})
DECIDE = {"ticked": "done", "skipped": "skipped", "failed": "failed"}


def events(*said: tuple[str, dict[str, Any]], by: str = "ana") -> tuple[Event, ...]:
    return (BEGUN, *(Event(at, "run-1", WALL + at, by, what, body) for at, (what, body) in enumerate(said, 2)))


def run(*said: tuple[str, dict[str, Any]]) -> Run:
    return folded(events(*said))


def tick(step: str, **body: Any) -> tuple[str, dict[str, Any]]:
    return "ticked", {"step": step, **body}


@st.composite
def _said(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    what = draw(st.sampled_from([*DECIDE, "undone", "noted", "acted", "marked", "completed", "abandoned", "nonsense"]))
    note = st.text("x\n#|*\x1b", max_size=5)
    return what, {"step": draw(st.sampled_from(["a", "b", "c", "new", ""])), "note": draw(note)}


@given(st.lists(_said(), max_size=30))
def test_any_order_of_events_keeps_what_a_run_promises(said: list[tuple[str, dict[str, Any]]]) -> None:
    found = run(*said)
    assert [step.id for step in found.steps[:3]] == ["a", "b", "c"]  # what was there at the start stays, in its order
    if found.ended == "completed":
        assert not found.open_steps
    for step in found.steps:
        assert (step.at is None) == (step.state == "todo")
        last = next((what for what, body in reversed(_heard(said)) if body["step"] == step.id and _decides(what)), "")
        if step.state != "done":  # what is done stays, whatever is said of it but that it is not
            assert step.state == DECIDE.get(last, "todo")
    assert run(*said, tick("a"), tick("a"), ("skipped", {"step": "a"})) == run(*said, tick("a"))
    assert (completion(events(*said)) is not None) == (found.ended == "completed")
    assert markdown(found).startswith("# Daily: ")


def _decides(what: str) -> bool:
    return what in DECIDE or what == "undone"


def _heard(said: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Up to where the run ended."""
    for at in range(len(said)):
        if run(*said[: at + 1]).ended:
            return said[:at]
    return said


@given(st.lists(_said(), max_size=12), st.lists(_said(), max_size=12))
def test_what_has_ended_does_not_change(before: list[tuple[str, dict[str, Any]]], after: list[tuple[str, Any]]) -> None:
    ended = run(*before, ("abandoned", {"note": "x"}))
    assert folded(events(*before, ("abandoned", {"note": "x"}), *after)) == ended


def test_of_two_who_tick_a_step_the_first_did() -> None:
    found = folded(
        (
            BEGUN,
            Event(2, "run-1", WALL + 1, "ana", "ticked", {"step": "a", "note": "mine"}),
            Event(3, "run-1", WALL + 2, "ben", "ticked", {"step": "a", "note": "no, mine"}),
            Event(4, "run-1", WALL + 3, "ben", "skipped", {"step": "a"}),
        )
    )
    step = found.steps[0]
    assert (step.state, step.by, step.at, step.note) == ("done", "ana", WALL + 1, "mine")


def test_a_run_that_was_closed_while_a_step_was_undone_is_not_complete() -> None:
    ready = [tick("a"), tick("b")]
    assert run(*ready, ("completed", {})).ended == "completed"  # the optional one may stay
    assert run(*ready, ("undone", {"step": "a"}), ("completed", {})).ended == ""


def test_what_is_done_too_late_says_by_how_much() -> None:
    late = folded((BEGUN, Event(2, "run-1", WALL + 90, "ana", "ticked", {"step": "b"})))
    assert late.steps[1].late_s == 30.0
    assert folded((BEGUN, Event(2, "run-1", WALL + 59, "ana", "ticked", {"step": "b"}))).steps[1].late_s is None


def test_a_run_goes_on_when_the_profile_is_edited() -> None:
    procedure = profile().procedures["daily"]
    begun = {
        "kind": "run",
        "of": "daily",
        "title": "Daily",
        "steps": [{"id": "depth", "title": "Old words"}, {"id": "gone", "title": "Gone"}],
    }
    said = Event(2, "run-1", WALL + 1, "ana", "ticked", {"step": "gone"})
    found = merged(folded((Event(1, "run-1", WALL, "ana", OPENED, begun), said)), procedure)
    assert [step.id for step in found.steps] == ["depth", "drained", "look", "delete", "coffee", "gone"]
    assert found.steps[0].title == "Depth is low"
    assert (found.steps[-1].gone, found.steps[-1].state) == (True, "done")
    assert {step.id for step in found.open_steps} == {"depth", "drained", "look", "delete"}
    assert (found.decided, found.asked) == (0, 5)


def test_a_drill_counts_for_nothing_that_is_due() -> None:
    played = Event(1, "run-1", WALL, "ana", OPENED, {**BEGUN.body, "drill": True})
    ended = (tick("a"), tick("b"), ("completed", {}))
    assert completion((played, *events(*ended)[1:])) is None
    assert completion(events(*ended)) is not None


def test_nothing_that_people_typed_makes_structure_in_the_export() -> None:
    def shape(text: str) -> list[tuple[str, str]]:
        found = run(
            tick("a", note=text, against=text), ("noted", {"note": text}), ("skipped", {"step": "b", "note": text})
        )
        tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown(replace(found, title=text)))
        return [(part.type, part.tag) for token in tokens for part in (token, *(token.children or ()))]

    evil = "x\n# Forged\n- [x] done | <script> `y` **z** [a](http://b) ~~d~~ ![i](j) &amp; \x1b[31m"
    assert shape(evil) == shape("x")


def test_the_export_tells_who_what_when_and_what_went_another_way() -> None:
    evidence = [{"title": "Depth", "state": "fails", "said": "30 (<= 20)", "value": 30.0, "at": WALL}]
    acted = ("acted", {"step": "a", "action": "drain", "word": "partial", "said": "2 of 3"})
    evidence.append({**evidence[0], "title": "Rate", "shown": True})
    text = markdown(run(acted, tick("a", against="it drains", evidence=evidence), ("abandoned", {"note": "lunch"})))
    assert "# Daily: abandoned" in text
    assert "- Ended: 2023-11-14 22:13:24 UTC by ana, after 4 s" in text
    assert "- A: ticked against its condition: it drains" in text
    assert "- A: the action drain ended as partial" in text
    assert "- B: not done" in text
    assert "- Evidence: Depth **fails**: 30 (\\<= 20) (read 2023-11-14 22:13:20 UTC)" in text
    assert "- Seen: Rate **fails**: 30 (\\<= 20)" in text
