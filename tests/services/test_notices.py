"""What is told, whatever happens: each news once, every episode from its beginning to its end, over restarts too."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.readings import Unknown
from tests.watching import QUICK, REFUSED, SLOW, Bench, profile, rule

WORSE, GONE = 30.0, Unknown("no data yet")
LEVELS = {"value": None, "for": None, "warn": {"value": 5}, "page": {"value": 20, "for": "4s"}}
TABLES = (rule(**LEVELS), rule("next", inhibited_by=["slow"], keep_firing="4s", value=8, **{"for": "0s"}))
DEEDS = st.sampled_from([SLOW, SLOW, WORSE, WORSE, QUICK, QUICK, GONE, REFUSED, "silence", "lift", "take", "restart"])


def _do(watch: Bench, deed: object) -> None:
    if deed == "silence":
        watch.watch.silence({"rule": "slow"}, watch.clock.wall() + 7, "ana")
    elif deed == "lift":
        for id_ in tuple(watch.watch.quiet.silences):
            watch.watch.unsilence(id_)
    elif deed == "take":
        watch.watch.acknowledge("slow", "ana")
    elif deed == "restart":
        watch.restart()
    else:
        watch.read(deed)  # type: ignore[arg-type]


@settings(max_examples=12, deadline=None)
@given(st.lists(DEEDS, min_size=10, max_size=40))
def test_each_episode_is_told_from_its_beginning_to_its_end_and_nothing_twice(deeds: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        watch = Bench(profile(*TABLES), path=Path(folder) / "test.sqlite")
        for deed in deeds:
            _do(watch, deed)
        for id_ in tuple(watch.watch.quiet.silences):
            watch.watch.unsilence(id_)
        watch.read(*[QUICK] * 40)  # until all is over, flapping too
        watch.watch.state.close()
    ids = [notice.id for notice in watch.heard]
    assert len(ids) == len(set(ids))
    told: dict[str, list[str]] = defaultdict(list)
    for notice in watch.heard:
        if notice.alert:
            told[notice.id.split(" ")[0]].append(notice.word)
    for words in told.values():
        assert words[0] in ("fires", "flaps") and words[-1] == "resolves"
        assert words.count("resolves") == words.count("fires") + (words[0] == "flaps") == 1
        assert words.count("flaps") <= 1
    assert not any(alert.active for alert in watch.watch.alerts)
