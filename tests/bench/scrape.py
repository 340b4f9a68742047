"""How long the event loop stands still while large pages of metrics are scraped.

    python tests/bench/scrape.py                   20,000 series, 20 scrapes
    python tests/bench/scrape.py --series 100000 --kept 2000

The page comes over HTTP from another process. A task wakes every millisecond and notes how late it is; the first
scrape, in which every series is new, is told apart from the others, and so are the imports that the first request of
the program brings. Prints one JSON line, in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from services.metrics.keep import Keep
from services.metrics.samples import Samples
from services.metrics.selector import Selector
from services.profile import PrometheusSource
from services.readings import Reading
from services.sources.prometheus import Scrape

EVERY_S = 0.001


def page(series: int, kept: int, scrape: int) -> bytes:
    lines = [f'http_requests_total{{path="/{n}",status="200"}} {n * scrape}' for n in range(kept)]
    for n in range(series - kept):
        labels = f'instance="host-{n % 40}:9100",handler="/api/v1/things/{n}",method="GET",code="200"'
        lines.append(f"app_metric_{n % 200}_total{{{labels}}} {n * scrape}.5")
    return ("\n".join(lines) + "\n").encode()


def serve(series: int, kept: int, told: Connection) -> None:
    """In a process of its own, so that what it costs to make the page is not counted."""
    pages = [page(series, kept, scrape) for scrape in range(2)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        pages.append(pages.pop(0))
        body = b"up 1\n" if b" /first " in asked else pages[0]
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


class Watch:
    """How late a task is that wakes every millisecond."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def run(self) -> None:
        while True:
            due = time.perf_counter() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.late.append(time.perf_counter() - due)

    def longest_ms(self) -> float:
        longest, self.late = max(self.late, default=0.0), []
        return round(longest * 1000, 2)


async def measure(port: int, kept: int, scrapes: int) -> dict[str, Any]:
    keep = Keep([Selector(metric="http_requests_total")])
    first, scrape = (
        Scrape("bench", PrometheusSource(kind="prometheus", url=f"http://127.0.0.1:{port}/{path}", timeout=10.0), keep)
        for path in ("first", "metrics")
    )
    samples, watch = Samples(), Watch()
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.2)
    quiet = watch.longest_ms()
    await first.fetch()
    imports = watch.longest_ms()
    took, stalls = [], []
    for n in range(scrapes):
        started = time.perf_counter()
        values = await scrape.fetch()
        samples.append(Reading("bench", 0.0, n * 15.0, 0.0, 15.0, values))
        samples.increase("bench", Selector(metric="http_requests_total"), 300.0, n * 15.0)
        took.append(round((time.perf_counter() - started) * 1000, 1))
        await asyncio.sleep(0.01)
        stalls.append(watch.longest_ms())
    watching.cancel()
    await first.close()
    await scrape.close()
    return {
        "series": values.series,
        "bytes": values.size_bytes,
        "kept": kept,
        "quiet_ms": quiet,
        "imports": {"longest_stall_ms": imports},
        "cold": {"took_ms": took[0], "longest_stall_ms": stalls[0]},
        "warm": {"took_ms": statistics.median(took[1:]), "longest_stall_ms": max(stalls[1:])},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--kept", type=int, default=200)
    parser.add_argument("--scrapes", type=int, default=20)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.series, given.kept, there), daemon=True)
    server.start()
    try:
        print(json.dumps(asyncio.run(measure(here.recv(), given.kept, given.scrapes))))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
