"""This machine's own network: when it is down, there is one alert, and everything else is held."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.watching import OTHER, QUICK, REFUSED, SLOW, Bench, profile, rule


@pytest.fixture
def hole() -> Iterator[str]:
    """An address from which nothing comes back: its queue of connections is full."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server:
        address = server.getsockname()
        crowd = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(address)
            crowd.append(one)
        yield f"127.0.0.1:{address[1]}"
        for one in crowd:
            one.close()


def refusing() -> str:
    """An address at which somebody says no."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def bench(*references: str) -> Bench:
    listed = ", ".join(f'"{address}"' for address in references)
    return Bench(profile(rule(**{"for": "0s"}), OTHER, f"[references]\ntcp = [{listed}]\ntimeout = 0.05"))


def both(watch: Bench, found: object) -> None:
    for source in ("a", "b"):
        watch.read(found, source=source)  # type: ignore[arg-type]


async def test_without_a_network_there_is_one_alert_and_one_notice(hole: str) -> None:
    watch = bench(hole)
    both(watch, SLOW)
    assert watch.words == ["fires Slow"]
    both(watch, REFUSED)
    both(watch, REFUSED)
    assert watch.words == [], "whose fault it is has not been asked"
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == ["fires This machine has no network"]
    held = {alert.key: alert.inhibited_by for alert in watch.watch.alerts}
    assert held == {"no-network": "", "silent-a": "no-network", "silent-b": "no-network", "slow": "no-network"}
    assert hole in watch.alert("no-network").reason


async def test_when_it_is_back_nobody_hears_of_sources_that_were_not_asked_since(hole: str) -> None:
    watch = bench(hole)
    both(watch, QUICK)
    both(watch, REFUSED)
    both(watch, REFUSED)
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == ["fires This machine has no network"]
    watch.watch.network._references = bench(refusing()).profile.references
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == [], "it is back, and the sources fail from before"
    watch.read(QUICK)
    watch.read(REFUSED, source="b")
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == ["resolves This machine has no network", "fires b does not answer"]


async def test_with_a_network_each_source_is_an_alert_of_its_own(hole: str) -> None:
    watch = bench(hole, refusing())
    both(watch, REFUSED)
    both(watch, REFUSED)
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == ["fires a does not answer", "fires b does not answer"]


async def test_one_source_alone_is_no_reason_to_ask(hole: str) -> None:
    watch = bench(hole)
    both(watch, QUICK)
    watch.read(REFUSED, REFUSED)
    await watch.watch.network.look()
    watch.wait(0.1)
    assert watch.words == ["fires a does not answer"]


async def test_it_is_asked_in_the_background_for_as_long_as_the_console_runs(hole: str) -> None:
    watch = bench(hole)
    task = asyncio.create_task(watch.watch.run())
    both(watch, REFUSED)
    async with asyncio.timeout(5):
        while not watch.watch.network.cut_off:
            await asyncio.sleep(0.01)
    task.cancel()


async def test_without_references_nobody_is_asked() -> None:
    watch = Bench(profile(OTHER))
    both(watch, REFUSED)
    both(watch, REFUSED)
    async with asyncio.timeout(1):
        await watch.watch.run()
    assert len(watch.words) == 2
