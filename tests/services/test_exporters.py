"""Pages of exporters that people run: everything on them is read, and a rule over one of their figures judges."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.clock import SystemClock
from services.demo.postgres import Cluster
from services.figures import figure
from services.profile import parse
from services.readings import MetricsValues, number
from services.sources import build
from tests.needs import needs

PROFILE = """
schema = 1
name = "machine"
title = "Machine"
[sources.it]
kind = "prometheus"
url = "{url}"
keep = ["*"]
[rules.there]
title = "It is there"
source = "it"
figure = "samples.{figure}"
value = {value}
"""


@contextmanager
def exporting(argv: list[str], env: dict[str, str]) -> Iterator[str]:
    """The exporter on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*argv, f"--web.listen-address=127.0.0.1:{port}"],
        env={"PATH": os.environ["PATH"], **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/metrics"
    try:
        deadline = time.monotonic() + 15
        while not _answers(url):
            assert time.monotonic() < deadline and process.poll() is None, f"{argv[0]} does not answer"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _names(page: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every series, as the official parser reads them."""
    families = text_string_to_metric_families(page)
    return {(one.name, tuple(sorted(one.labels.items()))) for family in families for one in family.samples}


async def _read(url: str, path: str) -> tuple[MetricsValues, float | None]:
    profile = parse(PROFILE.format(url=url, figure=path, value=0), "test")
    built = build(profile, SystemClock())
    try:
        values = await built.sources["it"].fetch()
    finally:
        await built.close()
    assert isinstance(values, MetricsValues)
    return values, number(figure(values, f"samples.{path}"))


async def test_a_node_exporters_page_is_read_to_the_last_series() -> None:
    with exporting([needs("prometheus-node-exporter")], {}) as url:
        values, load = await _read(url, "node_load1")
        page = httpx.get(url).text
    found = {(one.name, one.labels) for one in values.samples}
    own = {one for one in _names(page) if not one[0].startswith(("node_scrape", "promhttp", "go_", "process_"))}
    assert len(own) > 100
    assert own - found == set()
    assert load is not None and load >= 0


@pytest.mark.parametrize("gone", [False, True], ids=["there", "its server is gone"])
async def test_a_postgres_exporter_tells_whether_its_server_is_up(cluster: Cluster, gone: bool) -> None:
    program = needs("prometheus-postgres-exporter")
    dsn = f"postgresql://postgres@127.0.0.1:{1 if gone else cluster.port}/postgres?sslmode=disable"
    with exporting([program], {"DATA_SOURCE_NAME": dsn, "PGPASSFILE": str(cluster.passfile)}) as url:
        values, up = await _read(url, "pg_up")
        page = httpx.get(url).text
    assert up == (0.0 if gone else 1.0)
    settings = {one for one in _names(page) if one[0].startswith("pg_settings_")}
    assert settings - {(one.name, one.labels) for one in values.samples} == set()
    assert bool(settings) is not gone
