"""A real Prometheus, which scrapes a real endpoint: its answers, its own words for errors, and its own alerts."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest, start_http_server

from services.errors import SourceError
from services.figures import exists, figure
from services.metrics.keep import Keep
from services.metrics.page import Reader
from services.metrics.samples import Samples
from services.metrics.selector import Selector
from services.profile import PromqlSource
from services.readings import AtLeast, MetricsValues, NamedFigure, PromqlValues, Reading, Unknown, number
from services.sources.promql import Promql
from tests.needs import needs

CONFIG = """
global: {{ scrape_interval: 200ms, evaluation_interval: 200ms }}
rule_files: [rules.yml]
scrape_configs:
  - job_name: web
    static_configs: [{{ targets: ["127.0.0.1:{target}"] }}]
"""
RULES = """
groups:
  - name: web
    rules:
      - alert: Full
        expr: disk_used_share > 0.8
        labels: { severity: page }
        annotations: { summary: "{{ $labels.disk }} is full", runbook_url: "https://runbooks.example/full\\e[31m" }
      - alert: Filling
        expr: disk_used_share > 0.5
        for: 1h
"""


@dataclass(frozen=True)
class Server:
    url: str
    registry: CollectorRegistry


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def wait_for_alerts(url: str) -> None:
    """Until it has scraped, and judged its rules."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if len(httpx.get(f"{url}/api/v1/alerts").json()["data"]["alerts"]) == 3:
                return
        except (httpx.HTTPError, ValueError):
            pass  # it does not listen yet, or is not ready
        time.sleep(0.05)
    raise TimeoutError("Prometheus has not judged its rules")


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Server]:
    program = needs("prometheus")
    registry = CollectorRegistry()
    disks = Gauge("disk_used_share", "How full.", ["disk"], registry=registry)
    for disk, share in (("a", 0.9), ("b", 0.6), ("c", 0.1)):
        disks.labels(disk).set(share)
    times = Histogram("seconds", "How long.", ["path"], registry=registry, buckets=(0.1, 0.25, 0.8, 2.0))
    for n in range(200):
        times.labels(f"/{n % 3}").observe(n * n / 16_000)
    endpoint, thread = start_http_server(0, "127.0.0.1", registry=registry)
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-tests-"))
    (folder / "prometheus.yml").write_text(CONFIG.format(target=endpoint.server_port))
    (folder / "rules.yml").write_text(RULES.replace("\\e", "\\u001b"))
    port = free_port()
    options = {"config.file": "prometheus.yml", "storage.tsdb.path": "data", "web.listen-address": f"127.0.0.1:{port}"}
    argv = [program, *(f"--{name}={value}" for name, value in options.items()), "--log.level=error"]
    process = subprocess.Popen(argv, cwd=folder)
    try:
        wait_for_alerts(f"http://127.0.0.1:{port}")
        yield Server(f"http://127.0.0.1:{port}", registry)
    finally:
        process.kill()
        process.wait()
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()
        shutil.rmtree(folder)


async def fetch(url: str, alerts: bool = False, **queries: str) -> PromqlValues:
    source = Promql("prom", PromqlSource(kind="promql", url=url, queries=queries, alerts=alerts, timeout=5.0))
    try:
        return await source.fetch()
    finally:
        await source.close()


async def test_queries_become_figures_with_their_labels_and_units(prometheus: Server) -> None:
    values = await fetch(
        prometheus.url,
        disk_share="disk_used_share",
        fullest_share="max(disk_used_share)",
        one="scalar(count(up))",
        nothing="up{job='x'}",
        odd="max(disk_used_share) / 0",
        slope="rate(disk_used_share[1m])",
    )
    told = {one.key: (one.value, one.unit) for one in values.figures}
    labels = f"disk=a,instance={labelled(values.figures[0], 'instance')},job=web"
    assert told[f"disk_share{{{labels}}}"] == (0.9, "share")
    assert told["fullest_share"] == (0.9, "share") and told["one"] == (1.0, "")
    assert "finds no series" in str(told["nothing"][0]) and "gives inf" in str(told["odd"][0])
    assert figure(values, f"figures.disk_share{{{labels}}}") == 0.9
    assert isinstance(values.alerts, Unknown) and isinstance(values.firing, Unknown)


def labelled(one: NamedFigure, label: str) -> str:
    return dict(one.labels)[label]


async def test_quantiles_of_a_page_are_those_that_prometheus_makes_of_it(prometheus: Server) -> None:
    page = Reader(Keep([], ["seconds_bucket"])).read(generate_latest(prometheus.registry))
    empty = tuple(replace(sample, value=0.0) for sample in page.samples)
    samples = Samples()
    for mono, found in ((0.0, empty), (60.0, tuple(page.samples))):
        values = MetricsValues("", found, page.families, None, 0, 0)
        samples.append(Reading("page", 0.0, mono, 0.0, 60.0, values))
    for q in (0.05, 0.5, 0.73, 0.95, 0.999):
        there = await fetch(
            prometheus.url,
            all=f"histogram_quantile({q}, sum by (le) (seconds_bucket))",
            one=f"histogram_quantile({q}, sum by (le) (seconds_bucket{{path='/1'}}))",
        )
        (ours,) = samples.quantile("page", Selector(metric="seconds"), q, 60.0, 60.0)
        (one,) = samples.quantile("page", Selector(metric="seconds", match={"path": "/1"}), q, 60.0, 60.0)
        assert [number(ours.value), number(one.value)] == pytest.approx([number(each.value) for each in there.figures])
        assert isinstance(ours.value, AtLeast) == (q > 0.9)  # there it is the number 2


async def test_a_query_that_is_refused_is_told_in_its_own_words_and_the_others_answer(prometheus: Server) -> None:
    values = await fetch(prometheus.url, bad="sum(", window="up[5m]", good="vector(1)")
    assert figure(values, "figures.good") == 1
    assert "bad_data" in str(figure(values, "figures.bad")) and "parse error" in str(figure(values, "figures.bad"))
    assert "gives a matrix" in str(figure(values, "figures.window"))
    with pytest.raises(SourceError, match="parse error") as raised:
        await fetch(prometheus.url, bad="sum(")
    assert raised.value.remedy == "check the query in the profile"


async def test_its_own_alerts_are_read_not_judged_again(prometheus: Server) -> None:
    values = await fetch(prometheus.url, alerts=True)
    assert not isinstance(values.alerts, Unknown)
    assert [(alert.name, alert.state, alert.severity) for alert in values.alerts] == [
        ("Full", "firing", "page"),
        ("Filling", "pending", ""),
        ("Filling", "pending", ""),
    ]
    full = values.alerts[0]
    assert (full.value, full.summary, full.runbook) == (0.9, "a is full", "https://runbooks.example/full\\x1b[31m")
    assert full.since is not None and abs(time.time() - full.since) < 120 and ("disk", "a") in full.labels
    assert values.firing == 1 and exists("promql", "firing") and exists("promql", "figures.any")


async def test_a_server_that_is_gone_or_no_prometheus_is_a_fault() -> None:
    with pytest.raises(SourceError, match="connection refused"):
        await fetch(f"http://127.0.0.1:{free_port()}", alerts=True, one="up")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("200 OK", "<html>", "the answer is no JSON: <html>"),
        ("503 x", "Service Unavailable", "answered 503: Service Unavailable"),  # while it reads its log at start
        ("200 OK", "[]", "not what Prometheus gives"),
        ("200 OK", '{"status":"success","data":{"resultType":"vector","result":{}}}', "gives a vector, no figures"),
        ("503 x", '{"status":"error","errorType":"timeout","error":"too \\u001b long"}', r"timeout: too \x1b long"),
        ("502 x", "{}", "answered 502: {}"),
    ],
)
async def test_an_answer_that_is_not_prometheus_own_is_told(status: str, body: str, words: str) -> None:
    with pytest.raises(SourceError) as raised:
        await answered(body, status, one="up")
    assert words in raised.value.message


async def answered(body: str, status: str = "200 OK", **queries: str) -> PromqlValues:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        return await fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", **queries)
    finally:
        server.close()


async def test_strange_results_are_unknown_and_floods_are_cut() -> None:
    def vector(*results: Any) -> str:
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": results}})

    native = await answered(vector({"metric": {"a": "\x1b"}, "histogram": [1, {}]}), one="x")
    assert native.figures[0].key == "one{a=\\x1b}" and "native histogram" in str(native.figures[0].value)
    many = await answered(vector(*({"metric": {"n": str(n)}, "value": [0, "1"]} for n in range(201))), one="x")
    assert len(many.figures) == 1 and "gives 201 series" in str(many.figures[0].value)
