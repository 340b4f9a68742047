"""What a rule waits for, in words."""

from __future__ import annotations

from typing import Any

import pytest

from services.rules.words import condition
from tests.polled import rule

COUNTED = {"bad": {"metric": "bad_total"}, "all": {"metric": "all_total"}}


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        ("threshold", {"figure": "x", "value": 20, "for": "10m"}, ["> 20 for 10 m"]),
        ("threshold", {"figure": "x", "over": "p95", "window": "10m", "value": 0.5}, ["p95 over 10 m > 0.5"]),
        (
            "ratio",
            {**COUNTED, "warn": {"value": 0.03, "window": "5m"}, "page": {"value": 0.05, "window": "2m", "for": "90s"}},
            ["> 5 % over 2 m for 90 s", "> 3 % over 5 m"],
        ),
        ("quantile", {"histogram": "t", "q": 0.95, "value": 0.8, "window": "10m"}, ["p95 over 10 m > 0.8"]),
        ("growth", {"figure": "x"}, ["a rise over 15 m"]),
        ("baseline", {"metric": "x_total", "factor": 3}, ["> 3x what is usual"]),
        ("baseline", {"figure": "x", "factor": 2, "direction": "down"}, ["< 1/2 of what is usual"]),
        ("baseline", {"figure": "x", "factor": 2, "direction": "both"}, ["2x off what is usual"]),
        ("absent", {"metric": "x", "for": "5m"}, ["its absence for 5 m"]),
        ("age", {"figure": "x", "value": "26h"}, ["age > 26 h"]),
        (
            "burn",
            {**COUNTED, "objective": 0.999},
            ["14.4x (1 h, 5 m) or 6x (6 h, 30 m)", "3x (1 d, 2 h) or 1x (3 d, 6 h)"],
        ),
        ("change", {"figure": "x"}, ["a change within 1 h"]),
        ("change", {"figure": "x", "more_than": 0.1, "unit": "share"}, ["a change by > 10 % in 1 h"]),
        ("change", {"figure": "x", "more_than": 2, "unit": "count"}, ["a rise by > 2 in 1 h"]),
    ],
)
def test_each_kind_says_what_it_waits_for(kind: str, keys: dict[str, Any], words: list[str]) -> None:
    found = rule(kind, **keys)
    assert [condition(found, level) for _, level in found.levels] == words
