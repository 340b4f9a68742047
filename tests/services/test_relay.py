"""A Prometheus that scrapes the collector holds what a console elsewhere needs: the same figures, and their age."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server

from services.alerts import Alert, Alerts
from services.clock import SystemClock
from services.errors import SourceError
from services.fetch import Fetch
from services.figures import figure
from services.profile import Profile
from services.readings import Dated, Fault, QueueValues, Reading, Snapshot, Values
from services.relay.leaves import PRIVATE, ROWS, leaves, values
from services.relay.metrics import Standing
from services.relay.relayed import via
from tests.needs import needs
from tests.samples import HEALTHY, TROUBLED
from tests.tui.deck import profile

KINDS = {"api": "http", "db": "postgres", "jobs": "queue", "flags": "flags", "runs": "runs", "reaper": "reaper"}
KINDS["storage"] = "s3"


def shortened(found: object) -> object:
    """As a relay leaves it: rows cut, private words left out."""
    if isinstance(found, tuple):
        named = not found or not hasattr(found[0], "__dataclass_fields__")
        return tuple(map(shortened, found if named else found[:ROWS]))
    if hasattr(found, "__dataclass_fields__"):
        parts = {name: shortened(getattr(found, name)) for name in found.__dataclass_fields__}
        private = {name: "" for name in parts.keys() & PRIVATE if isinstance(parts[name], str)}
        return replace(found, **{**parts, **private})  # type: ignore[type-var]
    return found


@pytest.mark.parametrize("samples", [HEALTHY, TROUBLED], ids=["healthy", "troubled"])
def test_values_come_back_from_their_leaves_with_every_figure(samples: dict[str, Values | Fault]) -> None:
    for name, kind in KINDS.items():
        before = samples[name]
        if isinstance(before, Fault):
            continue
        assert values(kind, leaves(before)) == shortened(before)


def test_a_figure_is_exported_under_the_path_that_rules_call_it_by() -> None:
    jobs = HEALTHY["jobs"]
    told = {leaf.path: leaf.value for leaf in leaves(jobs) if leaf.kind == "number"}
    for path in ("types.fuse.waiting", "total.failure_rate", "stale_count"):
        assert told[path] == getattr(figure(jobs, path), "value", figure(jobs, path))


def test_no_word_of_somebody_elses_leaves_the_machine() -> None:
    jobs = TROUBLED["jobs"]
    assert isinstance(jobs, QueueValues)
    assert jobs.failures[0].last_message
    page = exposition(TROUBLED)
    assert jobs.failures[0].error_code in page
    assert jobs.failures[0].last_message not in page


def snapshot(samples: dict[str, Values | Fault], at: float) -> Snapshot:
    found = Snapshot()
    for name, told in samples.items():
        values, fault = (None, told) if isinstance(told, Fault) else (told, None)
        found = found.with_reading(Reading(name, at, 100.0, 0.1, 5.0, values, fault))
    return found


def registry(samples: dict[str, Values | Fault], at: float, *alerts: Alert) -> CollectorRegistry:
    made = CollectorRegistry()
    standing = Alerts({alert.key: alert for alert in alerts})
    made.register(Standing(profile(), lambda: (snapshot(samples, at), standing)))
    return made


def exposition(samples: dict[str, Values | Fault], *alerts: Alert) -> str:
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


def test_what_is_served_is_what_prometheus_reads() -> None:
    server, thread = start_http_server(0, "127.0.0.1", registry(HEALTHY, 1000.0))
    try:
        answer = httpx.get(f"http://127.0.0.1:{server.server_port}/metrics")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert answer.status_code == 200
    assert 'watchdeck_source_up{environment="production",kind="queue",profile="mre",source="jobs"} 1.0' in answer.text
