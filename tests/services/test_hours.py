"""Hours of the week in their own time zone, also on the days on which its clocks are set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.watching.hours import outside, spell, times

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Hours:
    hours: str
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    tz: str = "Europe/London"
    invert: bool = False


def local(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).timestamp()


def test_it_is_in_them_from_the_first_moment_to_the_last() -> None:
    office = Hours("09:00-17:30", (1, 2, 3, 4, 5))
    begin, end = local("2026-07-15T09:00"), local("2026-07-15T17:30")
    for at in (begin, begin + 60, end - 60):
        assert spell(office, at) == (begin, end)
    assert spell(office, begin - 60) is None and spell(office, end) is None
    assert spell(office, local("2026-07-18T12:00")) is None, "a Saturday"


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = Hours("22:00-02:00", (6,))
    found = (local("2026-07-18T22:00"), local("2026-07-19T02:00"))
    assert spell(night, local("2026-07-19T01:30")) == found
    assert spell(night, local("2026-07-18T01:30")) is None
    assert spell(Hours("18:00-24:00", (6,)), local("2026-07-18T23:59")) == (
        local("2026-07-18T18:00"),
        local("2026-07-19T00:00"),
    )


def _seconds(hours: str, day: str) -> float:
    """How much of the day and the next is in them, counted minute by minute."""
    start = local(f"{day}T00:00")
    return sum(60.0 for minute in range(2 * 1440) if spell(Hours(hours, (7,)), start + 60 * minute))


@pytest.mark.parametrize(
    ("hours", "spring", "autumn"),
    [
        ("00:30-01:30", 1800.0, 7200.0),  # the hour that is left out, or comes twice, is at its end
        ("01:15-01:45", 0.0, 5400.0),  # all of it is left out; the first beginning to the last end
        ("01:30-02:30", 1800.0, 7200.0),  # at its beginning
        ("00:30-03:30", 7200.0, 14400.0),
        ("09:00-17:00", 28800.0, 28800.0),
    ],
)
def test_when_the_clocks_are_set_a_spell_has_no_hole(hours: str, spring: float, autumn: float) -> None:
    assert _seconds(hours, "2026-03-29") == spring
    assert _seconds(hours, "2026-10-25") == autumn


def test_nine_o_clock_is_nine_o_clock_in_summer_and_in_winter() -> None:
    office = Hours("09:00-10:00")
    for day in ("2026-01-15", "2026-07-15"):
        found = spell(office, local(f"{day}T09:30"))
        assert found and datetime.fromtimestamp(found[0], LONDON).hour == 9


def test_outside_says_in_words_when_a_rule_is_judged() -> None:
    noon = local("2026-07-15T12:00")
    assert outside(Hours("09:00-17:30", (1, 3)), noon) == ""
    assert outside(Hours("13:00-14:00", (1, 3)), noon) == "not judged outside Mo We 13:00-14:00 Europe/London"
    assert outside(Hours("09:00-17:30", (1, 3), invert=True), noon).startswith("not judged in Mo We")


@pytest.mark.parametrize("text", ["", "9", "09:00", "25:00-26:00", "a-b"])
def test_what_is_no_pair_of_times_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        times(text)


def test_a_spell_of_a_whole_day_is_one_day() -> None:
    begin = local("2026-07-15T00:00")
    assert spell(Hours("00:00-24:00", (3,)), begin + 3600) == (begin, begin + timedelta(days=1).total_seconds())
