"""MinIO's own addresses, as a real server on loopback gives them: whole, degraded, hanging and refusing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.errors import SourceError
from services.profile import MinioSource
from services.readings import MinioValues, Unknown
from services.sources.minio import Minio

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
LIVE, CLUSTER, METRICS = "/minio/health/live", "/minio/health/cluster", "/minio/v2/metrics/cluster"
PAGE = """\
# HELP minio_cluster_capacity_usable_total_bytes Total usable capacity online in the cluster
# TYPE minio_cluster_capacity_usable_total_bytes gauge
minio_cluster_capacity_usable_total_bytes{server="10.0.0.1:9000"} 8e+12
minio_cluster_capacity_usable_free_bytes{server="10.0.0.1:9000"} 2e+12
# TYPE minio_cluster_drive_offline_total gauge
minio_cluster_drive_offline_total{server="10.0.0.1:9000"} 0
minio_cluster_drive_online_total{server="10.0.0.1:9000"} 16
minio_cluster_nodes_offline_total{server="10.0.0.1:9000"} 0
minio_cluster_nodes_online_total{server="10.0.0.1:9000"} 4
minio_s3_requests_total{api="putobject",server="10.0.0.1:9000"} 181
"""


def saying(body: str = "", status: str = "200 OK") -> Answer:
    async def answer(to: asyncio.StreamWriter) -> None:
        to.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())

    return answer


async def hanging(to: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


@asynccontextmanager
async def serving(pages: dict[str, Answer]) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        try:
            await pages[path](writer)
        except asyncio.CancelledError:  # the test is over
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def ask(url: str, **spec: Any) -> MinioValues:
    source = Minio("minio", MinioSource(kind="minio", url=url, **{"timeout": 3.0, **spec}))
    try:
        return await source.fetch()
    finally:
        await source.close()


async def told(
    live: Answer | None = None, cluster: Answer | None = None, metrics: Answer | None = None, **spec: Any
) -> MinioValues:
    """What is told by a cluster that is well but for what is given."""
    pages = {LIVE: live or saying(), CLUSTER: cluster or saying(), METRICS: metrics or saying(PAGE)}
    async with serving(pages) as url:
        return await ask(url, **spec)


async def test_a_whole_cluster_is_healthy_and_tells_its_room() -> None:
    found = await told()
    assert (found.live, found.quorum, found.healthy, found.said, found.fault) == (1, 1, 1, "", None)
    assert (found.usable_bytes, found.free_bytes, found.used_share) == (8e12, 2e12, 0.75)
    assert (found.drives_online, found.drives_offline, found.nodes_online, found.nodes_offline) == (16, 0, 4, 0)


async def test_a_drive_or_a_node_that_is_gone_is_not_healthy_and_is_named() -> None:
    page = PAGE.replace('drive_offline_total{server="10.0.0.1:9000"} 0', 'drive_offline_total{server="x"} 2')
    found = await told(metrics=saying(page.replace("minio_cluster_drive", "minio_cluster_disk")))  # as it was before
    assert (found.healthy, found.drives_offline, found.said) == (0, 2, "2 drives offline")


async def test_a_cluster_without_quorum_says_so_by_its_status() -> None:
    found = await told(cluster=saying(status="503 Service Unavailable"))
    assert (found.live, found.quorum, found.healthy) == (1, 0, 0)
    assert "no quorum" in found.said


async def test_metrics_that_hang_are_a_sign_and_leave_the_figures_unknown() -> None:
    found = await told(metrics=hanging, timeout=0.8)
    assert (found.live, found.quorum, found.healthy) == (1, 1, 0)
    assert "a node that does not answer" in found.said and found.fault and found.fault.kind == "timeout"
    for unknown in (found.used_share, found.drives_offline, found.nodes_online):
        assert isinstance(unknown, Unknown) and unknown.why == "failed"


async def test_metrics_that_are_refused_are_no_sign_and_no_health() -> None:
    found = await told(metrics=saying("denied", "403 Forbidden"))
    assert found.said == "" and found.fault and found.fault.kind == "denied"
    assert isinstance(found.healthy, Unknown) and found.healthy.why == "not permitted"


async def test_a_page_without_the_figures_or_cut_in_half_gives_none() -> None:
    bare = await told(metrics=saying('minio_node_io_rchar_bytes{server="a"} 1\n'))
    assert isinstance(bare.healthy, Unknown) and bare.healthy.why == "not recorded"
    half = await told(metrics=saying(PAGE[:150]))
    assert half.fault and half.fault.kind == "protocol" and isinstance(half.usable_bytes, Unknown)


async def test_only_when_nothing_answers_the_source_fails() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SourceError, match="connection refused") as raised:
            await ask(f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert raised.value.kind == "unreachable" and raised.value.remedy
