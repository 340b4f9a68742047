"""Figures by name: in real values, and told from the types alone."""

from __future__ import annotations

import pytest

from services.figures import KINDS, exists, expand, figure, known
from services.history import RECORDED
from services.readings import (
    NOT_RECORDED,
    AtLeast,
    Figure,
    HealthCheck,
    HealthValues,
    PostgresValues,
    RunsValues,
    StorageValues,
    Unknown,
    UsableTime,
)

HEALTH = HealthValues(
    "http://x",
    (HealthCheck("/api", True, 200, 0.01), HealthCheck("/api.v2/health", False, 500, 0.2)),
)
RUNS = RunsValues(
    (("queued", AtLeast(10_000)), ("running", 3)), 60.0, 0.1, NOT_RECORDED, 1.0, (UsableTime("S", 4, 8.0, 9.0),), ()
)
POSTGRES = PostgresValues("h", "u", "18", "1", False, 1.0, 0.0, 30, 2, 0, NOT_RECORDED, 60, 5)
STORAGE = StorageValues("e", "b", True, 0.1, 0.2, "", 1.0, 2, 3, 4.0, "", 0.0, NOT_RECORDED)


@pytest.mark.parametrize(
    ("values", "path", "found"),
    [
        (HEALTH, "failing", 1),
        (HEALTH, "checks./api.latency_s", 0.01),
        (HEALTH, "checks./api.v2/health.latency_s", 0.2),  # the longest name that fits
        (HEALTH, "checks./api.v2/health.ok", 0),
        (RUNS, "by_status.queued", AtLeast(10_000)),
        (RUNS, "by_status.running", 3),
        (RUNS, "failed_share", NOT_RECORDED),
        (RUNS, "usable.S.p95_s", 9.0),
        (POSTGRES, "saturation", 0.5),
        (POSTGRES, "lock_waiting", NOT_RECORDED),
        (STORAGE, "reachable", 1),
        (STORAGE, "write_errors", NOT_RECORDED),
    ],
)
def test_a_path_leads_to_its_figure(values: object, path: str, found: Figure) -> None:
    assert figure(values, path) == found
    kind = next(kind for kind, cls in KINDS.items() if isinstance(values, cls))
    assert exists(kind, path)


@pytest.mark.parametrize(
    "path", ["nothing", "checks./nothing.latency_s", "checks", "base_url", "failing.more", "", "."]
)
def test_a_path_that_leads_nowhere_is_unknown(path: str) -> None:
    found = figure(HEALTH, path)
    assert isinstance(found, Unknown)
    assert path in found.detail


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("http", "nothing"),
        ("http", "checks"),
        ("http", "checks./api"),
        ("http", "checks./api.path"),
        ("http", "base_url"),
        ("http", ""),
        ("queue", "total"),
        ("queue", "types.waiting"),
        ("queue", "failures.E1.count"),  # failures have no single name
        ("runs", "by_status"),
        ("audit", "unsettled"),
    ],
)
def test_what_no_source_of_a_kind_can_report_is_told_without_one(kind: str, path: str) -> None:
    assert not exists(kind, path)


def test_a_star_stands_for_every_name_there_is_now() -> None:
    assert expand(RUNS, "by_status.*") == ("by_status.queued", "by_status.running")
    assert expand(HEALTH, "checks.*.latency_s") == ("checks./api.latency_s", "checks./api.v2/health.latency_s")
    assert expand(HEALTH, "failing") == ("failing",)


def test_the_fixed_names_of_every_kind_exist() -> None:
    for kind in KINDS:
        assert all(exists(kind, path) for path in known(kind))
    assert "total.failure_rate" in known("queue")


def test_everything_that_history_records_exists() -> None:
    for kind, cls in KINDS.items():
        assert all(exists(kind, path.replace("*", "any")) for path in RECORDED.get(cls, ()))
