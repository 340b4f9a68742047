"""Rules over what a source's own table does not have are told before they watch nothing for ever."""

from __future__ import annotations

import pytest

from services.lint import check
from services.profile import parse

SOURCES = """
schema = 1
name = "shop"
title = "Shop"
[sources.backups]
kind = "bucket"
bucket = "b"
[sources.backups.arrivals.nightly]
prefix = "pg/"
every = "26h"
min_share = 0.5
[sources.backups.arrivals.wal]
prefix = "wal/"
every = "1h"
[sources.bare]
kind = "s3"
bucket = "b"
[sources.measured]
kind = "s3"
bucket = "b"
canary = "c"
canary_write = true
capacity = 1_000
[sources.certificates]
kind = "tls"
addresses = ["https://api.example.org/x"]
[sources.ports]
kind = "tcp"
addresses = ["10.0.0.7:6379"]
[sources.api]
kind = "http"
url = "http://127.0.0.1"
paths = ["/health"]
[rules.it]
title = "It"
"""


def problems(source: str, figure: str) -> list[str]:
    return check(parse(f'{SOURCES}source = "{source}"\nfigure = "{figure}"\nop = ">"\nvalue = 0.5\n', "shop.toml"))


@pytest.mark.parametrize(
    ("source", "figure"),
    [
        ("backups", "arrivals.nightly.shrunken"),
        ("backups", "arrivals.wal.overdue"),
        ("backups", "settings.public access block.on"),
        ("bare", "read_errors"),
        ("measured", "used_share"),
        ("measured", "recent_write_errors"),
        ("measured", "read_p95_s"),
        ("certificates", "soonest_days"),
        ("certificates", "certificates.api.example.org:443.days_left"),
        ("ports", "checks.10.0.0.7:6379.latency_s"),
        ("api", "checks./health.latency_s"),
    ],
)
def test_what_the_source_can_tell_is_fine(source: str, figure: str) -> None:
    assert problems(source, figure) == []


@pytest.mark.parametrize(
    ("source", "figure", "said"),
    [
        ("backups", "arrivals.nightly.aeg_s", "bucket sources report no figure"),
        ("backups", "arrivals.weekly.overdue", "there are nightly, wal"),
        ("backups", "arrivals.wal.shrunken", "arrivals.wal has no `min_share`"),
        ("backups", "settings.mfa.on", "there are versioning, encryption"),
        ("bare", "used_share", "takes a `capacity`"),
        ("bare", "write_p95_s", "takes a `canary` and `canary_write`"),
        ("bare", "canary_bytes_per_s", "takes a `canary` of"),
        ("certificates", "certificates.api.example.org.days_left", "there are api.example.org:443"),
        ("ports", "checks.10.0.0.8:6379.latency_s", "there are 10.0.0.7:6379"),
        ("api", "checks./ready.latency_s", "there are /health"),
    ],
)
def test_what_it_can_never_tell_is_told_with_what_there_is(source: str, figure: str, said: str) -> None:
    assert any(line.startswith("[rules.it] figure: ") and said in line for line in problems(source, figure))
