"""The verdict of the rules on the tiles of the Overview."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.alerts import Alert, Alerts, Silenced
from services.history import History
from services.readings import Reading, Snapshot
from tests.samples import HEALTHY
from tests.tui.deck import profile
from tui.deck import Deck
from tui.screens.tiles import TILES

FIRES = Alert("queue-growth", "A queue grows", "firing", 9, "grows", 900.0, "SEV3", source="jobs", level="page")


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (FIRES, "A queue grows"),
        (replace(FIRES, silenced=Silenced("ana", None, 900.0)), "queue is moving"),
        (replace(FIRES, inhibited_by="silent-db"), "queue is moving"),
    ],
    ids=["loud", "silenced", "a consequence"],
)
def test_only_what_somebody_is_to_hear_of_makes_a_tile_bad(alert: Alert, words: str) -> None:
    found = Snapshot().with_reading(Reading("jobs", 1000.0, 100.0, 0.1, 5.0, HEALTHY["jobs"]))
    deck = Deck(profile(), found, Alerts({alert.key: alert}), History(), mono=101.0, wall=1001.0)
    drawn = next(tile for tile in TILES if tile.title == "Jobs").draw(deck)
    assert drawn and words in "".join(text for text, _ in drawn.rows[0])
