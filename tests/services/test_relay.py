"""A Prometheus that scrapes the collector holds what a console elsewhere needs: the same figures, and their age."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.parser import text_string_to_metric_families

from services.alerts import Alert, Alerts
from services.clock import SystemClock
from services.errors import SourceError
from services.fetch import Fetch
from services.figures import figure
from services.poller import Poller
from services.profile import Profile
from services.readings import (
    Dated,
    Fault,
    MetricSample,
    MetricsValues,
    NamedFigure,
    NamedValues,
    QueueValues,
    Reading,
    Snapshot,
    Values,
)
from services.readings.private import without_words
from services.relay.leaves import CUT, LEAVES, ROWS, Leaf, tell, values
from services.relay.metrics import Standing
from services.relay.relayed import via
from services.text import safe
from tests.clock import FakeClock
from tests.needs import needs
from tests.samples import HEALTHY, TROUBLED
from tests.tui.deck import profile

KINDS = {"api": "http", "db": "postgres", "jobs": "queue", "flags": "flags", "runs": "runs", "reaper": "reaper"}
KINDS["storage"] = "s3"


def shortened(found: object) -> object:
    """As a relay leaves it: rows cut, private words withheld."""
    if isinstance(found, tuple):
        return tuple(map(shortened, found[:ROWS] if found and isinstance(found[0], CUT) else found))
    if hasattr(found, "__dataclass_fields__"):
        parts = {name: shortened(getattr(found, name)) for name in found.__dataclass_fields__}
        return without_words(replace(found, **parts))  # type: ignore[type-var]
    return found


@pytest.mark.parametrize("samples", [HEALTHY, TROUBLED], ids=["healthy", "troubled"])
def test_values_come_back_from_their_leaves_with_every_figure(samples: Mapping[str, Values | Fault]) -> None:
    for name, kind in KINDS.items():
        before = samples[name]
        if isinstance(before, Fault):
            continue
        assert values(kind, tell(before).leaves) == shortened(before)


def test_a_figure_is_exported_under_the_path_that_rules_call_it_by() -> None:
    jobs = HEALTHY["jobs"]
    told = {leaf.path: leaf.value for leaf in tell(jobs).leaves if leaf.kind == "number"}
    for path in ("types.fuse.waiting", "total.failure_rate", "stale_count"):
        assert told[path] == getattr(figure(jobs, path), "value", figure(jobs, path))


def test_no_word_of_somebody_elses_leaves_the_machine() -> None:
    jobs = TROUBLED["jobs"]
    assert isinstance(jobs, QueueValues)
    assert jobs.failures[0].last_message
    page = exposition(TROUBLED)
    assert jobs.failures[0].error_code in page
    assert jobs.failures[0].last_message not in page


def snapshot(samples: Mapping[str, Values | Fault], at: float) -> Snapshot:
    found = Snapshot()
    for name, told in samples.items():
        values, fault = (None, told) if isinstance(told, Fault) else (told, None)
        found = found.with_reading(Reading(name, at, 100.0, 0.1, 5.0, values, fault))
    return found


def registry(samples: Mapping[str, Values | Fault], at: float, *alerts: Alert) -> CollectorRegistry:
    made = CollectorRegistry()
    standing = Alerts({alert.key: alert for alert in alerts})
    made.register(Standing(profile(), lambda: (snapshot(samples, at), standing)))
    return made


def exposition(samples: Mapping[str, Values | Fault], *alerts: Alert) -> str:
    return generate_latest(registry(samples, 1000.0, *alerts)).decode()


def test_alerts_are_exported_with_what_they_are_about() -> None:
    alert = Alert("r", "Rule", "firing", 0.5, "> 0.1", 900.0, "SEV2", "mre#x", source="jobs", level="page")
    page = exposition(HEALTHY, alert)
    common = 'alert="r",environment="production",profile="mre",rule="r",severity="SEV2",source="jobs"'
    assert f"watchdeck_alert_value{{{common}}} 0.5" in page
    assert 'runbook="mre#x"' in page
    assert 'state="firing"' in page


@asynccontextmanager
async def scraping(page: str, folder: Path) -> AsyncIterator[str]:
    """A real Prometheus that scrapes this address every second."""
    program = needs("prometheus")
    port = _free_port()
    target = page.removeprefix("http://").removesuffix("/metrics")
    scrape = f"{{job_name: deck, static_configs: [{{targets: ['{target}']}}]}}"
    (folder / "p.yml").write_text(f"global: {{scrape_interval: 1s}}\nscrape_configs: [{scrape}]\n")
    arguments = [f"--config.file={folder / 'p.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def arrived(url: str, of: Profile) -> dict[str, Dated | SourceError]:
    """What a console with only this Prometheus reads of each source, once it has scraped."""
    built = via(url, of, SystemClock())
    found: dict[str, Dated | SourceError] = {}
    try:
        async with asyncio.timeout(20):
            while True:
                for name in KINDS:
                    try:
                        told = await built.sources[name].fetch()
                    except SourceError as error:
                        found[name] = error
                    else:
                        assert isinstance(told, Dated)
                        found[name] = told
                if all(not isinstance(told, SourceError) or told.kind == "denied" for told in found.values()):
                    return found
                await asyncio.sleep(0.1)
    finally:
        await built.close()


async def test_a_console_with_only_a_prometheus_has_the_same_figures(tmp_path: Path) -> None:
    needs("prometheus")
    read_at = SystemClock().wall() - 40.0
    denied = Fault("denied", 'permission denied for table "flags"', "GRANT SELECT")
    samples = {**TROUBLED, "flags": denied}
    server, thread = start_http_server(0, "127.0.0.1", registry(samples, read_at))
    try:
        async with scraping(f"http://127.0.0.1:{server.server_port}/metrics", tmp_path) as url:
            found = await arrived(url, profile())
            built = via(url, profile(), SystemClock())
            fetched = await Fetch(built.sources["jobs"], SystemClock()).once()
            await built.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    for name in KINDS:
        told, before = found[name], samples[name]
        if isinstance(before, Fault):
            assert isinstance(told, SourceError)
            assert told.fault == before
        else:
            assert isinstance(told, Dated)
            assert told.values == shortened(before)
    reading = fetched.reading("jobs", SystemClock(), 2.0)
    assert reading.at == pytest.approx(read_at, abs=0.01)  # its own age, not that of the question
    assert SystemClock().mono() - reading.mono > 39.0


async def test_a_prometheus_that_has_nothing_of_it_says_what_to_do(tmp_path: Path) -> None:
    async with scraping("http://127.0.0.1:9/metrics", tmp_path) as url:
        built = via(url, profile(), SystemClock())
        try:
            async with asyncio.timeout(20):
                while True:
                    try:
                        await built.sources["jobs"].fetch()
                    except SourceError as error:
                        if error.kind == "missing":
                            assert "watchdeck collect" in error.remedy
                            return
                    await asyncio.sleep(0.1)
        finally:
            await built.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_however_much_is_in_somebodys_tables_a_source_has_an_end_and_says_what_is_missing() -> None:
    counted = tuple(MetricSample("hits_total", (("user", str(number)),), number) for number in range(LEAVES))
    told = tell(MetricsValues("api", counted, (), None, LEAVES, 10**9))
    items = len([leaf for leaf in told.leaves if leaf.path.startswith("samples.") and leaf.at.endswith("/value")])
    assert 100 < items < LEAVES / 3
    assert told.dropped == LEAVES - items
    assert len(told.leaves) <= LEAVES + 10


async def test_of_two_runs_of_the_collector_only_the_newest_scrape_counts() -> None:
    """A Prometheus that was stopped with the collector still tells what the collector told last, beside the new."""
    told = {leaf.at: leaf for leaf in tell(NamedValues("q", (NamedFigure("n", 7),))).leaves}
    old = [*told.values(), replace(told["/figures/0/value"], value=3.0), Leaf("/figures/0/value/unknown/0", "", "text")]

    def series(leaf: Leaf, at: float, shape: str) -> dict[str, object]:
        number = leaf.kind in ("number", "bool")
        name = "watchdeck_figure" if number else "watchdeck_text"
        labels = {"__name__": name, "at": leaf.at, "is": leaf.kind, "text": "" if number else str(leaf.value)}
        sample = [at, str(leaf.value) if number else "1"]
        return {"metric": labels, shape: sample if shape == "value" else [[1.0, "0"], sample]}

    read_at = {"metric": {"__name__": "watchdeck_source_read_at_seconds"}, "value": [9, "8"], "values": [[9, "8"]]}
    fault = {"metric": {"__name__": "watchdeck_source_fault", "fault": "error"}, "values": [[2, "1"]]}
    now = {"data": {"result": [read_at, *(series(leaf, 9, "value") for leaf in old)]}}
    past = [read_at, fault, *(series(leaf, 9 if leaf in told.values() else 2, "values") for leaf in old)]
    async with answering(now, {"data": {"result": past}}) as url:
        found = await via(url, profile(), SystemClock()).sources["logins"].fetch()
    assert isinstance(found, Dated)
    assert found.values == NamedValues("q", (NamedFigure("n", 7),))


async def test_what_is_not_whole_is_not_judged_elsewhere() -> None:
    """Half the series would make a wrong ratio, and a name that is missing would end its alert."""
    labels = {"__name__": "watchdeck_dropped_items", "source": "jobs"}
    async with answering({"data": {"result": [{"metric": labels, "value": [1, "7"]}]}}) as url:
        with pytest.raises(SourceError, match="jobs: 7 of its items are too many to be collected"):
            await via(url, profile(), SystemClock()).sources["jobs"].fetch()


@pytest.mark.parametrize("answer", [[], {"data": None}, {"data": {"result": [{"metric": {}, "value": ["1"]}]}}])
async def test_what_is_no_prometheus_is_told_so(answer: object) -> None:
    async with answering(answer) as url:
        with pytest.raises(SourceError, match="does not answer as a Prometheus does"):
            await via(url, profile(), SystemClock()).sources["jobs"].fetch()


def test_names_of_other_peoples_tables_harm_neither_the_page_nor_what_comes_back() -> None:
    names = ['"}\n# EOF\nup 1', "back\\slash", "~0/1", "Ω 日本", "", "0", "x" * 5000]
    values_ = NamedValues("q", tuple(NamedFigure(name, 0.5, labels=(("l", name),)) for name in names))
    page = exposition({"jobs": values_})
    (figures,) = (one for one in text_string_to_metric_families(page) if one.name == "watchdeck_figure")
    assert {sample.labels["path"] for sample in figures.samples} >= {f"figures.{f.key}.value" for f in values_.figures}
    back = values("sql", tell(values_).leaves)
    assert isinstance(back, NamedValues)
    assert [figure.name for figure in back.figures][:-1] == [safe(name) for name in names[:-1]]


def test_numbers_come_back_as_they_were() -> None:
    odd = tuple(NamedFigure(str(n), n) for n in (2**60, -1, 0.1, float("nan"), float("inf"), 1e300))
    back = values("sql", tell(NamedValues("q", odd)).leaves)
    assert repr(back) == repr(NamedValues("q", odd))


@asynccontextmanager
async def answering(data: object, past: object = None) -> AsyncIterator[str]:
    """Somebody who answers every question like this; another answer to those about a past."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(past if past and b"5m" in asked else data).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_the_same_reading_comes_once_however_often_it_is_asked_for() -> None:
    class Elsewhere:
        name, interval_s, timeout_s = "jobs", 2.0, 5.0
        said: ClassVar[list[object]] = []

        async def fetch(self) -> Dated:
            told = self.said.pop(0)
            if isinstance(told, Exception):
                raise told
            return Dated(NamedValues("q", ()), float(str(told)), 10.0)

        async def close(self) -> None: ...

    clock = FakeClock()
    lost = SourceError("unreachable", "refused")
    Elsewhere.said += [10, 10, 12, lost, 12, 12, 14]
    found: list[float] = []
    poll = asyncio.create_task(Poller({"jobs": Elsewhere()}, clock).run(lambda one: found.append(round(one.at))))
    async with asyncio.timeout(10):
        while Elsewhere.said:
            await clock.advance(1.0)
    poll.cancel()
    assert len(found) == 5  # 10, 12, the fault, 12 again, 14
