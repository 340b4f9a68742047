"""Drills, forms and windows are sums of their events; whoever looks again reads only what is new."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import RecordError
from services.profile import Profile, parse
from services.records import drill, form, listing, window
from services.records.event import Event
from services.records.news import News
from services.records.store import Records
from tests.watching import HEAD

T = 1_700_000_000.0
TABLES = """
[records.dr]
kind = "drill"
title = "DR drill"
announce = "7d"
retrospective = "2d"
timings = ["detection", "failover"]
[records.dr.scopes]
postgres = "Postgres is lost"
storage = "The bucket is lost"
cluster = "Everything is lost"
[records.launch]
kind = "form"
title = "Launch"
[records.launch.fields.what]
title = "What"
required = true
[records.launch.fields.steps]
title = "Steps"
kind = "log"
required = true
[records.work]
kind = "window"
title = "Planned work"
match = { rule = "~.*" }
"""


PROFILE = parse(HEAD + TABLES, "test.toml")


@pytest.fixture
def profile() -> Profile:
    return PROFILE


def told(kind: str, *events: tuple[float, str, dict[str, Any]], **body: Any) -> tuple[Event, ...]:
    opened = (0.0, "opened", {"kind": kind, "of": {"drill": "dr", "form": "launch", "window": "work"}[kind], **body})
    return tuple(Event(at, f"{kind}-1", T + after, "ana", *rest) for at, (after, *rest) in enumerate((opened, *events)))


WHATS = (
    "opened",
    "set",
    "noted",
    "closed",
    "announced",
    "started",
    "stopped",
    "ended",
    "cancelled",
    "logged",
    "extended",
)
bodies = st.dictionaries(
    st.sampled_from(
        ["text", "field", "timing", "session", "mono", "planned", "until", "silence", "smoke", "to", "run"]
    ),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.text(max_size=3))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from(WHATS), bodies), max_size=12))
def test_whatever_stands_in_the_file_it_folds(found: list[tuple[float, str, dict[str, Any]]]) -> None:
    every = {kind: told(kind, *sorted(found, key=lambda one: one[0])) for kind in ("drill", "form", "window")}
    events = {f"{kind}-1": events for kind, events in every.items()}
    for one in listing.listed(PROFILE, events, T + 1e7):
        closed = [event for event in every[one.kind] if event.what == "closed"]
        ended = {"drill": drill, "form": form, "window": window}[one.kind].completion(every[one.kind])
        assert (ended is not None) <= bool(closed) and one.over >= (ended is not None)
    timed = drill.drill(every["drill"]).timings.values()
    assert all(timing.seconds is None or timing.seconds >= 0 for timing in timed)


def test_scopes_take_turns_and_what_was_cancelled_does_not_count(profile: Profile) -> None:
    record: Any = profile.records["dr"]
    one = drill.drill(told("drill", scope="postgres"))
    cancelled = drill.drill(told("drill", (1, "cancelled", {}), scope="storage"))
    assert drill.next_scope(record, []) == "postgres"
    assert drill.next_scope(record, [one]) == "storage"
    assert drill.next_scope(record, [cancelled, one]) == "storage"
    assert drill.next_scope(record, [drill.drill(told("drill", scope="cluster")), one]) == "postgres"
    assert drill.next_scope(record, [drill.drill(told("drill", scope="gone"))]) == "postgres"


def test_a_stopwatch_goes_by_the_monotonic_clock_of_the_console_that_started_it(profile: Profile) -> None:
    here = {"timing": "detection", "session": "a"}
    there = {"timing": "failover", "session": "a"}
    it = drill.drill(
        told(
            "drill",
            (0, "started", {**here, "mono": 50.0}),
            (10, "started", {**here, "mono": 55.0}),  # it runs already
            (9000, "stopped", {**here, "mono": 80.0}),  # somebody has set the machine's clock
            (9000, "started", {**there, "mono": 80.0}),
            (9060, "stopped", {**there, "session": "b", "mono": 3.0}),
        )
    )
    assert [timing.seconds for timing in it.timings.values()] == [30.0, 60.0]
    record: Any = profile.records["dr"]
    assert it.missing(record) == ("retrospective: what was learnt is not written",)


def test_a_drill_is_to_be_announced_before_and_looked_back_on_after(profile: Profile) -> None:
    record: Any = profile.records["dr"]
    planned = {"scope": "postgres", "planned": T + 86_400 * 30}
    before = told("drill", **planned)
    assert drill.drill(before).announce_due(record) == T + 86_400 * 23
    (one,) = listing.listed(profile, {"drill-1": before}, T + 86_400 * 24)
    assert one.loud == "announcement 1d LATE" and one.about == "Postgres is lost"
    assert drill.drill(told("drill", (1, "announced", {"to": "all"}), **planned)).announce_due(record) is None
    ended = told("drill", (10, "started", {"timing": "x"}), (100, "ended", {}), **planned)
    assert drill.drill(ended).retrospective_due(record) == T + 100 + 2 * 86_400
    assert drill.drill(ended).missing(record)[:2] == ("detection: it was not timed", "failover: it was not timed")


def test_a_form_keeps_what_was_written_last_and_every_line_of_a_log(profile: Profile) -> None:
    record: Any = profile.records["launch"]
    it = form.form(
        told(
            "form",
            (1, "set", {"field": "what", "text": "one"}),
            (2, "set", {"field": "what", "text": "two\nlines"}),
            (3, "logged", {"field": "steps", "text": "begun"}),
            (4, "logged", {"field": "steps", "text": "half\nof it"}),
            (5, "logged", {"field": "steps", "text": ""}),
        )
    )
    assert it.texts["what"].text == "two\nlines"
    assert [(said.at - T, said.text) for said in it.logs["steps"]] == [(3, "begun"), (4, "half\\nof it")]
    assert it.missing(record) == () and form.form(told("form")).missing(record) == (
        "What",
        "Steps",
    )


def test_a_forgotten_window_is_loud_until_it_is_closed(profile: Profile) -> None:
    open_ = told("window", (10, "extended", {"until": T + 7200}), (20, "extended", {"until": T + 60}), until=T + 3600)
    assert [one.loud for one in listing.listed(profile, {"window-1": open_}, T + 7000)] == [""]
    (one,) = listing.listed(profile, {"window-1": open_}, T + 9000)
    assert (one.loud, one.over) == ("NOT CLOSED, 30m over", False)
    closed = told("window", (9000, "closed", {"text": "by hand", "smoke": ["x: fails"]}), until=T + 3600)
    it = window.window(closed)
    assert (it.forgotten_s(T + 1e6), it.passed, it.smoke) == (0.0, False, ("x: fails",))
    ended = window.completion(closed)
    assert ended and not ended.passed and ended.said == "by hand"


def test_every_silence_of_a_window_is_known_also_of_one_that_ends_sooner() -> None:
    """Closing lifts those that it knows: what is not among them would keep alerts silent."""
    events = told("window", (10, "extended", {"until": T + 60, "silence": "s2"}), until=T + 3600, silence="s1")
    it = window.window(events)
    assert (it.silences, it.until) == (("s1", "s2"), T + 3600)


def test_what_cannot_be_encoded_is_kept_all_the_same(tmp_path: Path) -> None:
    """A version from an endpoint, an argument of a command line: half a character may stand in either."""
    records = Records(tmp_path / "x.sqlite")
    made = records.open("form", "launch", "one \ud800", "ana", T)
    assert form.form(records.events(made)).title == "one \\ud800"


def test_each_is_handed_on_as_markdown_and_an_unknown_one_is_refused(profile: Profile) -> None:
    records = Records.of(profile)
    found = [
        records.open("drill", "dr", "# drill", "ana", T, scope="postgres", planned=T),
        records.open("form", "launch", "# form", "ana", T),
        records.open("window", "work", "# window", "ana", T, until=T + 60),
    ]
    texts = [listing.exported(profile, records, id_) for id_ in found]
    assert all(text.startswith("# \\# ") for text in texts)
    assert "Postgres is lost" in texts[0] and "nothing is written" in texts[1] and "not yet" in texts[2]
    gone = records.open("form", "gone", "x", "ana", T)
    for id_ in (gone, "form-000000", "run-1", ""):
        with pytest.raises(RecordError):
            listing.exported(profile, records, id_)


def test_who_looks_again_reads_what_is_new_from_whichever_console(tmp_path: Path) -> None:
    mine, theirs = Records(tmp_path / "x.sqlite"), Records(tmp_path / "x.sqlite")
    news = News(mine, ("form",))
    assert not news.look()
    first = theirs.open("form", "launch", "one", "ana", T)
    theirs.open("run", "daily", "not asked for", "ana", T)
    assert news.look() and not news.look()
    second = mine.open("form", "launch", "two", "ana", T)
    theirs.append(first, "closed", "bo", T)
    assert news.look() and list(news.of("form")) == [second, first]
    assert [event.what for event in news.events[first]] == ["opened", "closed"]


def test_consoles_that_begin_the_file_at_once_all_write_to_it(tmp_path: Path) -> None:
    for number in range(60):
        path, together = tmp_path / str(number) / "records.sqlite", threading.Barrier(8)

        def write(one: int, path: Path = path, together: threading.Barrier = together) -> None:
            together.wait()
            Records(path).append("incident-1", "noted", str(one), 1.0)

        with ThreadPoolExecutor(8) as consoles:
            list(consoles.map(write, range(8)))
        assert {event.by for event in Records(path).events("incident-1")} == set("01234567")
