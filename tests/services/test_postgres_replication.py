"""Replication from rows that no test can wait for: links gone silent, servers of several standbys."""

from __future__ import annotations

from typing import Any

import pytest

from services.database import Row
from services.readings import AtLeast, Estimate, Figure, Replication, Unknown
from services.sources.postgres_archiver import archiver
from services.sources.postgres_lag import Positions
from services.sources.postgres_replication import replication

HIDDEN = Unknown("not permitted")
SEGMENT = 16 * 2**20


def _here(**changes: object) -> Row:
    plain: dict[str, Any] = {
        **dict.fromkeys(("paused", "hidden"), False),
        "clock": 1000.0,
        "known": 500,
        "replayed": 500,
        "replayed_age_s": 40.0,
        "there": True,
        "status": "streaming",
        "sender": "10.0.0.1:5432",
        "message_age_s": 0.2,
        "patience_s": 60.0,
    }
    return {**plain, **changes}


def _standby(**changes: object) -> Row:
    plain: dict[str, Any] = {
        "pid": 7,
        "name": "b",
        "client": "10.0.0.2",
        "state": "streaming",
        "sync": "async",
        "hidden": False,
        "replay_lag_s": None,
        "reply_age_s": 3.0,
        "replayed": 500,
    }
    return {**plain, **changes}


def _received(**changes: object) -> Replication:
    past = Positions()
    past.saw(980.0, 500)
    return replication(_here(**changes), True, [], [], None, past, HIDDEN)


def _sent(*standbys: Row, expected: int | None = None) -> Replication:
    past = Positions()
    past.saw(990.0, 400)
    past.saw(1000.0, 500)
    return replication(_here(status="", replayed=None), False, standbys, [], expected, past, HIDDEN)


@pytest.mark.parametrize(
    ("changes", "lag"),
    [
        ({"message_age_s": 31.0}, 0.0),  # an idle primary says nothing until it is asked, after 30 s
        ({"message_age_s": 40.0}, Estimate(20.0)),  # the link is cut and nobody has noticed
        ({"status": ""}, Estimate(20.0)),
        ({"status": "waiting"}, Estimate(20.0)),
        ({"message_age_s": 6.0, "patience_s": 2.0}, 0.0),
        ({"message_age_s": 7.0, "patience_s": 2.0}, Estimate(20.0)),
        ({"known": 600}, 20.0),
        ({"known": 600, "replayed_age_s": 0.3}, 0.3),  # under load the last transaction tells it best
    ],
)
def test_a_standby_that_hears_nothing_is_not_in_step(changes: dict[str, object], lag: Figure) -> None:
    found = _received(**changes)
    assert found.lag_s == lag
    assert isinstance(found.lag_bytes, Unknown) == isinstance(lag, Estimate)


def test_a_standby_that_has_replayed_nothing_and_hears_nothing_knows_nothing() -> None:
    alone = replication(_here(status="", replayed_age_s=None), True, [], [], None, Positions(), HIDDEN)
    assert isinstance(alone.lag_s, Unknown) and "nothing comes from the primary" in alone.lag_s.detail


def test_a_standby_whose_replies_have_stopped_is_not_in_step() -> None:
    assert _sent(_standby(reply_age_s=30.0), expected=1).lag_s == 0
    silent = _sent(_standby(reply_age_s=40.0), expected=1).lag_s
    assert isinstance(silent, Unknown) and "b has not replied for 40 s" in silent.detail


def test_the_worst_of_several_is_told_and_a_lower_bound_while_one_cannot_be() -> None:
    slow = _standby(name="c", replayed=300, replay_lag_s=7.0)
    behind = _sent(_standby(), slow, expected=2)
    assert (behind.lag_s, behind.lag_bytes, behind.missing) == (AtLeast(10), 200, 0)
    late = _standby(name="c", replayed=450, replay_lag_s=7.0)
    assert _sent(_standby(), late).lag_s == 7.0
    assert _sent(_standby(), late, expected=3).lag_s == AtLeast(7)
    assert _sent(_standby(), _standby(state="catchup"), expected=2).missing == 1


def _archived(last: str, end: int, standby: bool = False) -> Figure:
    row = {
        "mode": "on",
        "last_wal": last,
        "last_failed_wal": "",
        "failing": False,
        "last_ok_s": 1.0,
        "last_failed_s": None,
    }
    return archiver(row, end, SEGMENT, standby).behind


def test_segments_that_wait_for_the_archiver_are_counted_from_names() -> None:
    assert _archived("000000010000000200000005", (2 * 256 + 6) * SEGMENT + 1) == 0
    assert _archived("000000010000000200000005", (2 * 256 + 9) * SEGMENT + 1) == 3
    assert _archived("0000000100000001000000FF.00000028.backup", 2 * 256 * SEGMENT) == 0
    assert isinstance(_archived("00000002.history", SEGMENT), Unknown)
    assert isinstance(_archived("", SEGMENT), Unknown)
    assert isinstance(_archived("000000010000000200000005", SEGMENT, standby=True), Unknown)
