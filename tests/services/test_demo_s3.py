"""The demo's store is a real S3 server, and its faults are seen on the wire."""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from services.demo.child import Child
from services.demo.objects import Objects, StorageError
from services.demo.s3 import AGES_PATH, FAULT_PATH, Fault

SECRET = "only-the-stack-knows"
BUCKET = "mre"
AGES = {f"{BUCKET}/datasets/1": 86_400.0, f"{BUCKET}/no such key": 1.0}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("s3")
    child = Child("services.demo.s3", {"secret": SECRET}, folder / "s3.log")
    child.start()
    try:
        yield f"http://127.0.0.1:{child.wait_ready()['port']}"
    finally:
        child.stop()


@pytest.fixture
def store(endpoint: str) -> Iterator[Objects]:
    store = Objects(endpoint, BUCKET, timeout=0.5)
    store.put("", b"")
    store.put("datasets/1", b"one")
    yield store
    assert switch(endpoint, Fault()) == 200
    store.close()


def switch(endpoint: str, fault: Fault, secret: str = SECRET) -> int:
    return tell(endpoint, FAULT_PATH, asdict(fault), secret)


def tell(endpoint: str, path: str, told: object, secret: str = SECRET) -> int:
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=5)
    connection.request("PUT", path, json.dumps(told), {"X-Demo-Secret": secret})
    status = connection.getresponse().status
    connection.close()
    return status


def test_what_was_put_can_be_read_until_it_is_deleted(store: Objects) -> None:
    assert store.get("datasets/1") == b"one"
    store.delete("datasets/1")
    with pytest.raises(StorageError, match="HTTP 404"):
        store.get("datasets/1")


def test_an_outage_of_writes_leaves_reads_and_what_is_spared(store: Objects, endpoint: str) -> None:
    switch(endpoint, Fault("503", writes_only=True, spared=("raw/",)))
    with pytest.raises(StorageError, match="HTTP 503"):
        store.put("datasets/2", b"two")
    assert store.get("datasets/1") == b"one"
    store.put("raw/1", b"upload")


def test_a_refusal_concerns_reads_too(store: Objects, endpoint: str) -> None:
    switch(endpoint, Fault("403"))
    with pytest.raises(StorageError, match="HTTP 403"):
        store.get("datasets/1")


def test_a_slow_store_answers_late(store: Objects, endpoint: str) -> None:
    switch(endpoint, Fault("delay", delay_s=0.3))
    began = time.monotonic()
    assert store.get("datasets/1") == b"one"
    assert time.monotonic() - began >= 0.3


def test_a_black_hole_answers_nobody_until_it_is_lifted(store: Objects, endpoint: str) -> None:
    switch(endpoint, Fault("black hole"))
    with pytest.raises(StorageError, match="timed out"):
        store.get("datasets/1")
    switch(endpoint, Fault())
    assert store.get("datasets/1") == b"one"


def test_only_who_knows_the_secret_switches_faults(store: Objects, endpoint: str) -> None:
    assert switch(endpoint, Fault("403"), secret="guess") == 403
    assert store.get("datasets/1") == b"one"


def test_an_object_can_be_given_a_past_by_who_knows_the_secret(store: Objects, endpoint: str) -> None:
    assert tell(endpoint, AGES_PATH, AGES, secret="a guess") == 403
    assert tell(endpoint, AGES_PATH, AGES) == 200
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=demo/20260101/us-east-1/s3/aws4_request"}
    request = urllib.request.Request(f"{endpoint}/{BUCKET}/datasets/1", headers=signed)
    with urllib.request.urlopen(request, timeout=5) as answer:
        written = parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp()
    assert 86_390 < time.time() - written < 86_410
