"""The state machine against a slow, plain one that looks at the whole past every time, also across restarts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts import Alert
from services.profile.rules import ThresholdRule
from services.readings import NamedValues, Reading
from services.rules.look import Look
from services.rules.machine import Instance, judged
from services.state.rows import alert_of, alert_text
from services.watching.resume import resumed

INTERVAL = 10.0
REACH = 20.0  # readings further apart than twice the interval have a gap between them
QUIET, TURNS, LOOKED_AT = 60.0, 4, 20

Seen = Literal["bad", "between", "good", "unknown"]  # of one level


@dataclass(frozen=True)
class Event:
    after: float  # seconds since the one before
    page: Seen
    warn: Seen
    restart: bool = False  # the console was started anew before it

    def at(self, level: str) -> Seen:
        return self.page if level == "page" else self.warn


EVENTS = st.builds(
    Event,
    st.sampled_from([10.0, 10.0, 10.0, 19.0, 20.0, 21.0, 300.0]),
    st.sampled_from(["bad", "bad", "between", "good", "good", "unknown"]),
    st.sampled_from(["bad", "bad", "between", "good", "good", "unknown"]),
    st.sampled_from([False] * 9 + [True]),
)


def _rule(for_: float, keep: float) -> ThresholdRule:
    levels = {"warn": {"value": 1.0, "for": 0.0}, "page": {"value": 2.0, "for": for_}}
    table = {"title": "x", "source": "s", "figure": "figures.x", "keep_firing": keep, **levels}
    return ThresholdRule.model_validate(table)


# ---- the plain one


def _observed(events: list[Event], run: list[int], known: list[bool]) -> float:
    """The seconds of a run that were observed: between neighbours that both told something, without a gap."""
    return sum(
        events[at].after
        for at in run[1:]
        if known[at - 1] and not events[at].restart and events[at].after <= REACH and at - 1 in run
    )


def _on(events: list[Event], level: str, for_: float, keep: float) -> list[bool]:
    """After each event, whether the level is on; and, by its last run of good ones, whether it recovers."""
    known = [event.at(level) != "unknown" for event in events]
    on, run, found = False, [], []
    for at, event in enumerate(events):
        seen = event.at(level)
        if seen != "unknown":
            counts = seen == "good" if on else seen == "bad"
            run = [*run, at] if counts else []
            if run and _observed(events, run, known) >= (keep if on else for_):
                on, run = not on, []
                # what began to fire is on its first bad reading already; what ended is on its first good one
        found.append(on)
    return found


def _recovers(events: list[Event], level: str, on: list[bool]) -> bool:
    """On, and the last thing known of it is good."""
    last = next((event.at(level) for event in reversed(events) if event.at(level) != "unknown"), "unknown")
    return on[-1] and last == "good"


def _flapping(events: list[Event], active: list[bool], for_: float) -> bool:
    known = [event.page != "unknown" or event.warn != "unknown" for event in events]
    turns: list[bool] = []
    flaps, quiet = False, 0.0
    for at, event in enumerate(events):
        if not known[at]:
            continue
        turn = active[at] != (active[at - 1] if at else False)
        turns.append(turn)
        near = at > 0 and known[at - 1] and not event.restart and event.after <= REACH
        quiet = 0.0 if turn else quiet + (event.after if near else 0.0)
        if flaps and quiet >= max(2 * for_, QUIET):
            flaps, turns = False, []
        elif not flaps:
            flaps = sum(turns[-LOOKED_AT:]) >= TURNS
    return flaps


def plain(events: list[Event], for_: float, keep: float) -> tuple[str, str, bool]:
    """State, level and whether it flaps."""
    page, warn = _on(events, "page", for_, keep), _on(events, "warn", 0.0, keep)
    active = [one or other for one, other in zip(page, warn, strict=True)]
    flaps = _flapping(events, active, for_)
    levels = [level for level, on in (("page", page), ("warn", warn)) if on[-1]]
    ons = {"page": page, "warn": warn}
    level = levels[0] if levels else ""
    if flaps or any(not _recovers(events, level, ons[level]) for level in levels):
        return "firing", level, flaps
    if levels:
        return "recovering", level, flaps
    now = (events[-1].page, events[-1].warn)
    return ("pending" if "bad" in now else "unknown" if "unknown" in now else "ok"), "", flaps


# ---- the real one


def _look(seen: Seen) -> Look:
    if seen == "unknown":
        return Look((), 0.0, None, None, "unknown")
    return Look((), 0.0, seen == "bad", seen == "good")


def real(events: list[Event], for_: float, keep: float) -> list[Alert]:
    of = Instance("r", _rule(for_, keep))
    alert, mono, wall, found = of.start(0.0), 0.0, 1e9, []
    for event in events:
        mono, wall = mono + event.after, wall + event.after
        if event.restart:
            alert = resumed([(wall, alert_of(alert_text(alert)))], wall).by_key["r"]
            mono = 5.0
        reading = Reading("s", wall, mono, 0.1, INTERVAL, NamedValues("", ()))
        alert = judged(of, alert, {"page": _look(event.page), "warn": _look(event.warn)}, reading, wall)
        found.append(alert)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, min_size=12, max_size=40), st.sampled_from([0.0, 10.0, 35.0]), st.sampled_from([0.0, 20.0]))
def test_it_stands_as_the_plain_one_says(events: list[Event], for_: float, keep: float) -> None:
    for count, alert in enumerate(real(events, for_, keep), 1):
        state, level, flaps = plain(events[:count], for_, keep)
        assert (alert.state, alert.flapping) == (state, flaps), events[:count]
        assert not level or alert.level == level


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, min_size=12, max_size=40), st.sampled_from([0.0, 35.0]), st.sampled_from([0.0, 20.0]))
def test_what_is_always_true(events: list[Event], for_: float, keep: float) -> None:
    before: Alert | None = None
    for event, alert in zip(events, real(events, for_, keep), strict=True):
        blank = event.page == event.warn == "unknown"
        assert alert.active == bool(alert.episode) == bool(alert.level) == (alert.fired_at is not None)
        assert alert.state != "ok" or not blank, "unknown is never green"
        if before and before.active:
            assert alert.active or not blank, "missing data resolves nothing"
            assert not alert.active or alert.episode == before.episode
        elif alert.active:
            assert not blank, "missing data fires nothing"
        before = alert
