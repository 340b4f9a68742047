"""Treazr Island's profile and runbook: the thresholds, at the level that they are for, and sections that name them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.lint import check
from services.profile import find, load
from services.readings import Values
from services.runbook import load as runbook
from services.runbook import reference
from tests import samples_database, samples_machine, samples_reach
from tests.polled import Polled

TREAZR = load(find("treazr-island") or Path())


def minio(used: float) -> Values:
    return replace(samples_reach.minio_healthy(), usable_bytes=1e12, free_bytes=1e12 * (1 - used))


def tables(used: float) -> Values:
    return replace(samples_database.tables(), used_share=used)


def lag(seconds: float) -> Values:
    values = samples_database.postgres()
    return replace(values, replication=replace(values.replication, lag_s=seconds))


@pytest.mark.parametrize(
    ("name", "level", "values", "threshold"),
    [
        ("db-storage", "warn", tables, 0.75),
        ("db-storage", "page", tables, 0.9),
        ("bucket-capacity", "warn", minio, 0.7),
        ("bucket-capacity", "page", minio, 0.85),
        ("replication-lag", "page", lag, 30.0),
        ("tls-expiry", "page", lambda days: samples_machine.certificates(-days), -21.0),
    ],
)
def test_each_level_is_reached_beyond_its_threshold_and_not_before(
    name: str, level: str, values: Callable[[float], Values], threshold: float
) -> None:
    rule = TREAZR.rules[name].model_copy(update={"source": "s"})  # as what is polled here is called
    for at, holds in ((threshold - 0.005, False), (threshold + 0.005, True)):
        looks = Polled(rule).read(values(at)).looks(level)
        assert any(look.holds for look in looks) is holds


def test_the_profile_is_sound_and_its_runbook_names_each_rule_and_only_what_there_is() -> None:
    assert check(TREAZR) == []
    text = runbook("treazr-island")
    for name, rule in TREAZR.rules.items():
        section = text.section(reference(rule.runbook)[1])
        assert section and f"`{name}`" in text.text(section)
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", "\n".join(text.lines)))
    assert named <= {*TREAZR.actions, *TREAZR.rules}
    assert {*TREAZR.actions} <= {*named, "end-maintenance"}
