"""How long somebody has been behind, from where the WAL ended at each poll: between bounds, never a guess."""

from __future__ import annotations

import pytest

from services.readings import AtLeast, Estimate, Figure, Unknown
from services.sources.postgres_lag import Positions


def _after(*polls: tuple[float, int]) -> Positions:
    past = Positions()
    for at, end in polls:
        past.saw(at, end)
    return past


POLLS = ((0.0, 100), (5.0, 200), (10.0, 300))


@pytest.mark.parametrize(
    ("replayed", "bounds"),
    [
        (300, (0.0, 0.0)),  # all that was there at the last poll
        (250, (0.0, 5.0)),  # what it lacks was written between the two last polls, or since
        (150, (5.0, 10.0)),
        (50, (10.0, None)),  # further back than anybody saw
    ],
)
def test_the_age_of_what_is_missing_lies_between_two_polls(replayed: int, bounds: tuple[float, float | None]) -> None:
    assert _after(*POLLS).behind(replayed, 10.0) == bounds


@pytest.mark.parametrize(
    ("replayed", "told", "lag"),
    [
        (250, 0.2, 0.2),  # what the server measured, if it can be
        (150, 0.0003, 5.0),  # a paused replay: the server still tells the last small lag
        (250, 60.0, 5.0),  # an old large one, after it has caught up
        (250, None, Estimate(5.0)),  # it has not measured any: no longer than this, and not 0
        (50, 0.0003, AtLeast(10)),
        (50, 77.7, AtLeast(77)),
    ],
)
def test_what_the_server_tells_is_held_between_what_was_seen(replayed: int, told: float | None, lag: Figure) -> None:
    assert _after(*POLLS).lag(replayed, 10.0, told) == lag


def test_the_first_look_at_somebody_behind_tells_no_lag() -> None:
    found = _after((10.0, 300)).lag(50, 10.0, 0.0003)
    assert isinstance(found, Unknown) and found.why == "no data yet"


@pytest.mark.parametrize("later", [(15.0, 40), (3.0, 400)])
def test_another_server_or_another_clock_begins_anew(later: tuple[float, int]) -> None:
    past = _after(*POLLS, later)
    assert isinstance(past.lag(later[1] - 1, later[0], None), Unknown)
