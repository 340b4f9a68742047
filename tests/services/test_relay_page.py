"""The page that a Prometheus scrapes: what it answers, to whom, and how it ends."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.registry import Collector

from services.alerts import Alerts
from services.errors import WatchdeckError
from services.readings import Reading, Snapshot
from services.relay.metrics import Standing
from services.relay.page import Page
from tests.samples import HEALTHY
from tests.tui.deck import profile

UP = 'watchdeck_source_up{environment="production",kind="queue",profile="mre",source="jobs"} 1.0'


class Broken(Collector):
    def collect(self) -> Iterator[Metric]:
        raise ValueError("no metric today")

    def describe(self) -> list[Metric]:
        return []


def standing() -> Standing:
    jobs = HEALTHY["jobs"]
    found = Snapshot().with_reading(Reading("jobs", 1000.0, 100.0, 0.1, 5.0, jobs))
    return Standing(profile(), lambda: (found, Alerts()))


@contextmanager
def serving(metrics: Collector, said: list[str], host: str = "127.0.0.1") -> Iterator[Page]:
    page = Page(metrics, host, 0, said.append)
    try:
        yield page
    finally:
        page.close()


def test_it_answers_as_a_scraper_asks() -> None:
    with serving(standing(), []) as page:
        plain = httpx.get(page.url, headers={"accept-encoding": "identity"})
        assert (plain.status_code, UP in plain.text) == (200, True)
        assert plain.headers["content-type"].startswith("text/plain; version=")
        open_metrics = httpx.get(page.url, headers={"accept": "application/openmetrics-text"})
        assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
        assert open_metrics.text.endswith("# EOF\n")
        with httpx.stream("GET", page.url, headers={"accept-encoding": "gzip"}) as packed:
            raw = b"".join(packed.iter_raw())
        assert gzip.decompress(raw).decode() == plain.text
        head = httpx.head(page.url, headers={"accept-encoding": "identity"})
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(plain.content)))
        nowhere = httpx.get(page.url.replace("metrics", "nowhere"))
        assert (nowhere.status_code, "/metrics" in nowhere.text) == (404, True)
        assert httpx.post(page.url).status_code == 501


def test_it_listens_on_the_addresses_of_either_kind() -> None:
    if not socket.has_ipv6:
        pytest.skip("this Python has no IPv6")
    try:
        with serving(standing(), [], "::1") as page:
            assert page.url.startswith("http://[::1]:")
            assert UP in httpx.get(page.url).text
    except WatchdeckError as error:
        pytest.skip(f"this machine has no IPv6 loopback: {error}")


def test_an_address_in_use_and_a_name_that_is_none_are_told() -> None:
    with serving(standing(), []) as page:
        port = int(page.url.split(":")[2].split("/")[0])
        with pytest.raises(WatchdeckError, match=f"cannot listen on 127.0.0.1:{port}: .*in use"):
            Page(standing(), "127.0.0.1", port, print)
    with pytest.raises(WatchdeckError, match=r"cannot listen on nowhere\.invalid:0"):
        Page(standing(), "nowhere.invalid", 0, print)


def test_a_page_that_cannot_be_made_is_a_failed_scrape_and_is_said() -> None:
    said: list[str] = []
    with serving(Broken(), said) as page:
        answer = httpx.get(page.url)
    assert (answer.status_code, answer.text) == (500, "the metrics could not be made: the collector says why\n")
    assert said == ["the metrics could not be made: ValueError: no metric today"]


def test_a_client_that_never_asks_does_not_hold_up_the_end() -> None:
    with serving(standing(), []) as page:
        silent = socket.create_connection(("127.0.0.1", int(page.url.split(":")[2].split("/")[0])))
    silent.close()
