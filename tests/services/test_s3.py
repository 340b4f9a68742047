"""Object storage that refuses, hangs, truncates and half works, over HTTP from a real server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import create_backend_app
from werkzeug.serving import make_server

from services.clock import SystemClock
from services.demo.s3 import Fault as Trouble
from services.demo.s3 import Faulty
from services.errors import SourceError
from services.profile import S3Source
from services.readings import NOT_CONFIGURED, AtLeast, Fault, StorageValues, Unknown
from services.sources.s3 import Storage
from services.sources.s3_probes import Probes
from tests.clock import FakeClock

NUMBER = count()


@dataclass
class Store:
    url: str
    faulty: Faulty
    credentials: Path
    bucket: str

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
        )

    def put(self, *keys: str, size: int = 10) -> None:
        for key in keys:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=b"x" * size)

    def source(self, clock: Any = None, **spec: Any) -> Storage:
        told = {
            "endpoint": self.url,
            "bucket": self.bucket,
            "credentials_file": str(self.credentials),
            "canary": "watchdeck/canary",
            "canary_write": True,
            "prefixes": ("datasets/", "raw/"),
            "timeout": 10.0,
        }
        return Storage("storage", S3Source(kind="s3", **{**told, **spec}), clock or SystemClock())


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Faulty]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faulty = Faulty(create_backend_app("s3"), "secret")
    httpd = make_server("127.0.0.1", 0, faulty, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", faulty
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def store(server: tuple[str, Faulty], tmp_path: Path) -> Iterator[Store]:
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    credentials.chmod(0o600)
    # a bucket of its own: a write that was held up in one test arrives in the next
    store = Store(*server, credentials, f"bucket-{next(NUMBER)}")
    store.client.create_bucket(Bucket=store.bucket)
    yield store
    store.faulty.fault = Trouble()


async def poll(source: Storage) -> StorageValues:
    try:
        return await source.fetch()
    finally:
        await source.close()


async def fault(source: Storage) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await poll(source)
    assert raised.value.remedy
    return raised.value


async def test_one_poll_of_a_healthy_bucket_has_every_figure(store: Store) -> None:
    store.put("datasets/1", "datasets/2", "raw/1", size=10)
    values = await poll(store.source())
    assert values.reachable and values.endpoint == store.url
    assert 0 < values.canary_read_s < 2 and 0 < values.canary_write_s < 2  # type: ignore[operator]
    assert (values.objects, values.newest_key) == (values.objects, "datasets/2")
    assert values.prefixes == (("datasets/", 2, 20), ("raw/", 1, 10))
    assert isinstance(values.newest_at, float) and abs(values.newest_at - time.time()) < 60
    assert (values.read_errors, values.write_errors) == (0, 0)


async def test_writes_that_fail_leave_a_source_that_reads(store: Store) -> None:
    source = store.source()
    await source.fetch()
    store.faulty.fault = Trouble("503", writes_only=True)
    values = await poll(source)
    assert values.reachable and isinstance(values.canary_read_s, float)
    assert isinstance(values.canary_write_s, Unknown)
    assert values.canary_write_s.why == "failed" and "503 SlowDown" in values.canary_write_s.detail
    assert (values.read_errors, values.write_errors) == (0, 0.5)


async def test_without_a_canary_its_figures_are_not_configured(store: Store) -> None:
    values = await poll(store.source(canary="", canary_write=False))
    assert (values.canary_read_s, values.canary_write_s, values.write_errors) == (NOT_CONFIGURED,) * 3


async def test_a_bucket_that_keeps_versions_is_not_written_to(store: Store) -> None:
    store.put("watchdeck/canary")
    store.client.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Enabled"})
    values = await poll(store.source())
    assert isinstance(values.canary_write_s, Unknown) and "keeps versions" in values.canary_write_s.detail
    assert isinstance(values.canary_read_s, float)


async def test_a_canary_that_is_missing_is_named_and_is_no_failed_read(store: Store) -> None:
    values = await poll(store.source(canary_write=False))
    assert isinstance(values.canary_read_s, Unknown) and "watchdeck/canary" in values.canary_read_s.detail
    assert values.read_errors == 0


async def test_a_missing_bucket_a_refusal_and_a_failing_store_are_different_faults(store: Store) -> None:
    missing = await fault(store.source(bucket="nowhere", canary=""))
    assert missing.kind == "missing" and "no such bucket" in missing.message
    store.faulty.fault = Trouble("403")
    denied = await fault(store.source())
    assert denied.kind == "denied" and "s3:ListBucket" in denied.remedy
    store.faulty.fault = Trouble("503")
    assert (await fault(store.source())).kind == "limit"


@pytest.mark.parametrize("mode", ["delay", "black hole"])
async def test_a_store_that_hangs_is_given_up_in_time(store: Store, mode: Any) -> None:
    store.faulty.fault = Trouble(mode, delay_s=3.0)
    source = store.source(timeout=0.8)
    started = time.monotonic()
    with pytest.raises((SourceError, TimeoutError)):
        await poll(source)
    assert time.monotonic() - started < 1.5


async def test_a_socket_that_swallows_everything_is_a_timeout_and_does_not_pile_up_threads(store: Store) -> None:
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        source = store.source(endpoint=f"http://127.0.0.1:{hole.getsockname()[1]}", timeout=0.4, canary_write=False)
        for _ in range(4):
            with pytest.raises((SourceError, TimeoutError)):
                await source.fetch()
        assert sum(t.name == "watchdeck storage" for t in threading.enumerate()) <= 6
        await source.close()


async def test_nothing_listening_is_unreachable(store: Store) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = await fault(store.source(endpoint=f"http://127.0.0.1:{unused.getsockname()[1]}", canary=""))
    assert refused.kind == "unreachable"


class Trickle(socketserver.BaseRequestHandler):
    """Begins an answer and never ends it, one byte at a time."""

    def handle(self) -> None:
        self.request.recv(65_536)
        self.request.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(100):
                self.request.sendall(b" ")
                time.sleep(0.1)


async def test_an_answer_that_comes_drop_by_drop_is_given_up_in_time(store: Store) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Trickle) as server:
        server.block_on_close = False
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        source = store.source(endpoint=url, canary_write=False, timeout=2.0)
        started = time.monotonic()
        values = await poll(source)  # the HEAD has no body to wait for
        assert time.monotonic() - started < 6.0
        server.shutdown()
    assert values.reachable and isinstance(values.canary_read_s, Unknown)
    assert "no complete answer" in values.canary_read_s.detail


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n<?xml version='1.0'?><ListBucket",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
)
async def test_a_truncated_or_foreign_answer_is_a_fault_of_its_own(store: Store, said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    source = store.source(endpoint=url, canary_write=False)
    try:
        values = await source.fetch()
        assert isinstance(values.newest_at, Unknown) and values.newest_at.why == "failed"
    except SourceError as error:
        assert error.kind in ("unreachable", "protocol", "error")
    finally:
        await source.close()
        server.close()


async def test_credentials_that_are_missing_or_open_to_others_are_the_profiles_fault(store: Store) -> None:
    assert "cannot be read" in (await fault(store.source(credentials_file="/nowhere/credentials"))).message
    store.credentials.chmod(0o644)
    loose = await fault(store.source())
    assert loose.kind == "config" and loose.remedy.startswith("chmod 600")


async def test_a_profile_that_the_credentials_do_not_have_is_named(store: Store) -> None:
    wrong = await fault(store.source(aws_profile="nobody"))
    assert wrong.kind == "config" and "nobody" in wrong.message


async def test_a_large_bucket_is_walked_over_several_polls_and_keeps_its_last_totals(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    store.put(*(f"datasets/{n:02}" for n in range(12)), "raw/1")
    source = store.source(clock, canary="", canary_write=False, walk_calls=2)
    page = source._bucket.page
    monkeypatch.setattr(source._bucket, "page", lambda **told: page(**{**told, "keys": 4}))
    first = await source.fetch()
    assert first.walk_progress == "walking: 8 keys so far"
    assert (first.objects, first.bytes) == (AtLeast(8), AtLeast(80))
    assert first.walk_age_s == Unknown("no data yet", first.walk_progress)
    second = await source.fetch()
    assert (second.objects, second.bytes, second.walk_progress) == (13, 130, "")
    assert second.newest_key in {f"datasets/{n:02}" for n in range(12)}
    store.put("datasets/99")
    await clock.advance(899)
    third = await source.fetch()
    assert (third.objects, third.walk_age_s) == (13, 899)
    await clock.advance(2)
    for _ in range(2):
        fourth = await source.fetch()
    assert (fourth.objects, fourth.newest_key) == (14, "datasets/99")
    await source.close()


async def test_error_shares_cover_the_last_hour(store: Store) -> None:
    clock = FakeClock()
    source = store.source(clock)
    store.faulty.fault = Trouble("503", writes_only=True)
    assert (await source.fetch()).write_errors == 1
    store.faulty.fault = Trouble()
    await clock.advance(1800)
    assert (await source.fetch()).write_errors == 0.5
    await clock.advance(1801)
    assert (await poll(source)).write_errors == 0


async def test_ten_minutes_have_their_own_shares_counts_and_percentiles(store: Store) -> None:
    clock = FakeClock()
    source = store.source(clock)
    took = iter([0.1] * 18 + [0.9] * 2)

    def read() -> float:
        source._bucket.canary_bytes = 1000
        return next(took)

    source._bucket.read_canary = read  # type: ignore[method-assign]
    for _ in range(20):
        values = await source.fetch()
        await clock.advance(25)
    assert (values.recent_reads, values.recent_writes) == (60, 20)
    assert (values.read_p50_s, values.read_p95_s) == (0.1, pytest.approx(0.9))
    assert values.canary_bytes_per_s == pytest.approx(20_000 / 3.6)
    await clock.advance(700)
    took = iter([0.2])
    store.faulty.fault = Trouble("503", writes_only=True)
    values = await source.fetch()
    assert (values.recent_reads, values.recent_write_errors, values.write_errors) == (3, 1, 1 / 21)
    assert (values.read_p50_s, values.read_p95_s) == (0.2, 0.2)
    await source.close()


def test_a_store_that_hangs_is_slow_by_its_percentiles_and_not_fast_by_what_is_left() -> None:
    probes = Probes(FakeClock(), timeout_s=5.0, window_s=600.0)
    for result in (0.1, 0.1, Fault("timeout", "no complete answer"), Fault("limit", "503"), Unknown("not configured")):
        probes.add(result)
    assert (probes.count(), probes.failed()) == (4, 0.5)
    assert (probes.took(0.5), probes.took(1.0)) == (0.1, 5.0)
    assert probes.per_second(100) == pytest.approx(1000)  # what did not arrive has no speed


async def test_without_probes_of_a_kind_their_figures_are_not_configured(store: Store) -> None:
    values = await poll(store.source(canary="", canary_write=False))
    for figure in (values.read_p95_s, values.write_p95_s, values.canary_bytes_per_s, values.recent_write_errors):
        assert figure == NOT_CONFIGURED
    assert (values.recent_writes, values.used_share) == (0, NOT_CONFIGURED)


async def test_use_is_of_the_declared_capacity_and_growth_is_between_two_walks(store: Store) -> None:
    clock = FakeClock()
    store.put("datasets/1", size=100)
    source = store.source(clock, canary="", canary_write=False, capacity=1000)
    first = await source.fetch()
    assert first.used_share == 0.1
    assert isinstance(first.growth_bytes_per_day, Unknown) and "two complete walks" in first.growth_bytes_per_day.detail
    store.put("datasets/2", size=50)
    await clock.advance(21_600)
    second = await source.fetch()
    assert (second.used_share, second.growth_bytes_per_day) == (0.15, 200)
    await source.close()
