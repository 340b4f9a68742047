"""A real page of metrics scraped over a real link; what is on it arrives in Samples, and half of it never does."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, start_http_server
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from services.clock import SystemClock
from services.errors import SourceError
from services.figures import exists, figure
from services.metrics.endpoints import endpoints
from services.metrics.keep import Keep
from services.metrics.samples import Samples
from services.metrics.selector import Selector
from services.metrics.wanted import wanted
from services.profile import EndpointMetrics, Profile, PrometheusSource
from services.readings import NOT_CONFIGURED, MetricsValues, Reading, Unknown
from services.sources import build
from services.sources.prometheus import Scrape
from tests.proxy import Proxy

PROFILE = """
schema = 1
name = "web"
title = "Web"
[sources.api]
kind = "prometheus"
url = "http://127.0.0.1:{port}/metrics"
keep = ["python_gc_*"]
[sources.api.http]
queries = "db_seconds"
requests = "http_requests_total"
duration = "http_request_duration_seconds"
[rules.logins]
title = "Logins fail"
kind = "ratio"
source = "api"
bad = {{ metric = "logins_total", match = {{ outcome = "failure" }} }}
all = {{ metric = "logins_total" }}
value = 0.5
[rules.slow]
title = "Slow queries"
kind = "quantile"
source = "api"
histogram = "db_seconds"
q = 0.95
value = 0.5
[rules.files]
title = "Open files"
kind = "threshold"
source = "api"
figure = "samples.open_files"
value = 900
"""


@dataclass
class App:
    """A process of somebody else's, which exposes its metrics by the official client."""

    port: int
    registry: CollectorRegistry
    requests: Counter
    times: Histogram
    logins: Counter

    def serve(self, path: str, status: str, seconds: float, times: int = 1) -> None:
        for _ in range(times):
            self.requests.labels(path, status).inc()
            self.times.labels(path).observe(seconds)


class Current:
    """One server for all tests, each with metrics of its own."""

    registry = CollectorRegistry()

    def collect(self) -> Iterable[Metric]:
        return self.registry.collect()


@pytest.fixture(scope="module")
def exposition() -> Iterator[tuple[int, Current]]:
    current = Current()
    server, thread = start_http_server(0, "127.0.0.1", registry=current)  # type: ignore[arg-type]
    yield server.server_port, current
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(exposition: tuple[int, Current]) -> App:
    port, current = exposition
    current.registry = registry = CollectorRegistry()
    return App(
        port,
        registry,
        Counter("http_requests_total", "Requests.", ["path", "status"], registry=registry),
        Histogram("http_request_duration_seconds", "Time.", ["path"], registry=registry, buckets=(0.1, 0.5, 2.5)),
        Counter("logins_total", "Logins.", ["outcome"], registry=registry),
    )


def profile(port: int) -> Profile:
    from services.profile import parse

    return parse(PROFILE.format(port=port), "web.toml")


async def fetch(port: int, keep: tuple[str, ...] = (), **spec: Any) -> MetricsValues:
    source = PrometheusSource(kind="prometheus", url=f"http://127.0.0.1:{port}/metrics", **{"timeout": 2.0, **spec})
    scrape = Scrape("api", source, Keep([Selector(metric="http_requests_total")], keep))
    try:
        return await scrape.fetch()
    finally:
        await scrape.close()


async def test_a_page_is_scraped_as_the_profile_says_and_judged_by_endpoint(app: App) -> None:
    built = build(profile(app.port), SystemClock())
    samples = Samples()
    app.requests.labels("/b", "503")  # it stands first on the page, and is not the busiest
    app.serve("/a", "200", 0.05)
    for mono in (0.0, 60.0):
        values = await built.sources["api"].fetch()
        samples.append(Reading("api", 0.0, mono, 0.0, 60.0, values))
        app.serve("/a", "200", 0.05, 90)
        app.serve("/a", "404", 0.3, 8)
        app.serve("/b", "503", 9.0, 2)
    samples.append(Reading("api", 0.0, 120.0, 0.0, 60.0, await built.sources["api"].fetch()))
    await built.close()
    found = endpoints(samples, "api", EndpointMetrics(), 120.0, 120.0)
    a, b = found.endpoints
    assert (a.endpoint, a.requests, a.per_second, a.share_5xx) == ("/a", 196, pytest.approx(196 / 120), 0)
    assert a.share_4xx == pytest.approx(16 / 196) and a.p50_s == pytest.approx(0.1 * 98 / 180)
    assert (b.endpoint, b.share_5xx, str(b.p99_s)) == ("/b", 1.0, "AtLeast(value=2.5)")
    assert (found.total.endpoint, found.total.requests, found.coverage) == ("", 200, 1.0)
    assert found.total.share_5xx == pytest.approx(4 / 200)


async def test_the_time_that_requests_spend_in_the_database_stands_beside_their_own(app: App) -> None:
    metrics = EndpointMetrics(queries="db_seconds")
    spent = Histogram("db_seconds", "In the database.", ["path"], registry=app.registry, buckets=(0.1, 0.5, 2.5))
    samples = Samples()
    for mono in (0.0, 60.0):
        app.serve("/a", "200", 0.3, 20)
        spent.labels("/a").observe(0.2)
        values = await fetch(app.port, keep=("db_seconds*", "http_request_duration*"))
        samples.append(Reading("api", 0.0, mono, 0.0, 60.0, values))
    (a,) = endpoints(samples, "api", metrics, 120.0, 60.0).endpoints
    assert a.db_p95_s == pytest.approx(0.1 + 0.4 * 0.95)
    (a,) = endpoints(samples, "api", EndpointMetrics(), 120.0, 60.0).endpoints
    assert a.db_p95_s == NOT_CONFIGURED


async def test_what_rules_and_keep_name_is_kept_and_nothing_else(app: App) -> None:
    app.logins.labels("failure").inc()
    app.serve("/a", "200", 0.05)
    values = await fetch(app.port, keep=("logins*",))
    assert {sample.name for sample in values.samples} == {"http_requests_total", "logins_total", "logins_created"}
    assert values.series == sum(len(family.samples) for family in app.registry.collect())
    assert values.size_bytes == len(generate_openmetrics(app.registry))  # asked for first: it tells where it ends
    assert figure(values, "samples.http_requests_total{path=/a,status=200}") == 1
    assert isinstance(figure(values, "samples.nothing"), Unknown)
    assert exists("prometheus", "samples.anything{a=b}")


async def test_rules_tell_what_is_wanted_of_a_source(app: App) -> None:
    names = {selector.metric for selector in wanted(profile(app.port), "api")}
    assert names == {
        *("logins_total", "db_seconds_bucket", "open_files"),
        *("http_requests_total", "http_request_duration_seconds_bucket"),
    }


async def test_figures_by_endpoint_are_unknown_with_the_reason_where_the_page_lacks_them(app: App) -> None:
    samples = Samples()
    for mono in (0.0, 60.0):
        samples.append(Reading("api", 0.0, mono, 0.0, 60.0, await fetch(app.port)))
    found = endpoints(samples, "api", EndpointMetrics(requests="other_total"), 120.0, 60.0)
    assert found.endpoints == () and "other_total is not on the page" in str(found.total.requests)
    app.serve("/a", "200", 0.05)
    samples.append(Reading("api", 0.0, 120.0, 0.0, 60.0, await fetch(app.port)))
    (a,) = endpoints(samples, "api", EndpointMetrics(), 120.0, 120.0).endpoints
    assert a.requests == 1 and "http_request_duration_seconds_bucket is not on the page" in str(a.p95_s)


async def test_a_link_that_breaks_is_a_failure_and_the_next_scrape_goes_on(app: App) -> None:
    proxy = Proxy(app.port)
    source = PrometheusSource(kind="prometheus", url=f"http://127.0.0.1:{proxy.port}/metrics", timeout=1.0)
    scrape = Scrape("api", source, Keep([Selector(metric="http_requests_total")]))
    try:
        assert (await scrape.fetch()).samples == ()
        proxy.reset()
        with pytest.raises(SourceError) as raised:
            await scrape.fetch()
        assert raised.value.kind in ("unreachable", "protocol")
        proxy.pass_()
        app.serve("/a", "200", 1.0)
        assert len((await scrape.fetch()).samples) == 1
    finally:
        await scrape.close()
        proxy.close()


PAGE = b'# TYPE http_requests_total counter\nhttp_requests_total{status="200"} 5\nhttp_requests_total{status="500"} 6\n'


@asynccontextmanager
async def answering(head: str, body: bytes) -> AsyncIterator[int]:
    """A server that sends this to whatever it is asked, and closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("head", "body", "kind", "words"),
    [
        (f"200 OK\r\ncontent-length: {len(PAGE)}", PAGE[:60], "protocol", ""),
        ("200 OK", PAGE[:60], "protocol", "it ends within a line"),  # HTTP/1.0's way: the end is where it is cut
        ("200 OK\r\ncontent-type: application/openmetrics-text; version=1.0.0", PAGE, "protocol", "without # EOF"),
        ("200 OK", b"<html>log in</html>\n", "protocol", "line 1: it does not begin with the name of a metric"),
        ("200 OK", PAGE * 40_000, "limit", "longer than 1,000 bytes"),
        ("503 Busy", b"come back later", "error", "answered 503: come back later"),
        ("401 x", b"", "denied", "answered 401"),
        ("302 Found\r\nlocation: /login", b"", "protocol", "a redirect to /login"),
    ],
)
async def test_a_page_that_is_cut_flooded_or_none_fails_as_a_whole(
    head: str, body: bytes, kind: str, words: str
) -> None:
    async with answering(head, body) as port:
        with pytest.raises(SourceError) as raised:
            await fetch(port, max_bytes=1000)
    assert raised.value.kind == kind and words in raised.value.message and raised.value.remedy


async def test_a_page_that_is_small_only_while_it_is_packed_is_too_long() -> None:
    packed = gzip.compress(PAGE * 2_000)
    async with answering(f"200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}", packed) as port:
        with pytest.raises(SourceError, match="longer than 100,000 bytes"):
            await fetch(port, max_bytes=100_000)
        assert (await fetch(port)).size_bytes == len(PAGE) * 2_000
