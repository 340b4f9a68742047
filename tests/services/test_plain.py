"""JSON says what is unknown and why, what is estimated, and what stopped at its cap."""

from __future__ import annotations

import json
import math

from services.plain import plain
from services.readings import NOT_RECORDED, AtLeast, Estimate, HealthCheck, HealthValues, RunsValues, Unknown


def test_an_unknown_figure_is_null_with_its_reason_beside_it() -> None:
    runs = RunsValues((("queued", 3), ("failed", Unknown("failed", "slow"))), 60.0, NOT_RECORDED, 0.5, 1, (), ())
    found = plain(runs)
    assert found["by_status"] == {"queued": 3, "failed": None, "unknown": {"failed": "failed: slow"}}
    assert found["partial_share"] is None
    assert found["unknown"] == {"partial_share": "not recorded: this queue does not record it"}


def test_estimates_and_capped_counts_are_objects() -> None:
    assert plain({"a": Estimate(2.5), "b": AtLeast(10_000), "c": 0}) == {
        "a": {"value": 2.5, "estimated": True},
        "b": {"value": 10_000, "at_least": True},
        "c": 0,
    }


def test_properties_are_figures_too() -> None:
    found = plain(HealthValues("http://x", (HealthCheck("/a", False, None, None),)))
    assert found["failing"] == 1 and found["checks"][0]["path"] == "/a"


def test_what_json_cannot_say_is_null() -> None:
    assert json.dumps(plain({"a": math.nan, "b": (math.inf, 1)}), allow_nan=False) == '{"a": null, "b": [null, 1]}'
