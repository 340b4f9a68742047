"""A bucket's settings, its leftovers and what arrives in it: three ways of not being on, and never a made-up age."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

from services.clock import SystemClock
from services.errors import SourceError
from services.figures import figure
from services.profile import BucketSource
from services.readings import Arrival, AtLeast, BucketValues, Estimate, Unknown
from services.readings.bucket import SETTINGS
from services.sources.bucket import BucketState
from tests.clock import FakeClock

NUMBER = count()
DAY_S = 86_400.0


@dataclass
class Refusing:
    """A store that answers some questions as it is told to: by what stands in the query, status and code or body."""

    application: Callable[..., Iterable[bytes]]
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        for asked, (status, code) in self.refused.items():
            if asked in environ["QUERY_STRING"] and environ["REQUEST_METHOD"] == "GET":
                start(f"{status} x", [("Content-Type", "application/xml")])
                return [(code if code.startswith("<") else f"<Error><Code>{code}</Code></Error>").encode()]
        return self.application(environ, start)


@dataclass
class Store:
    url: str
    refusing: Refusing
    credentials: Path
    bucket: str
    client: Any

    def put(self, **sizes: int) -> None:
        for key, size in sizes.items():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=b"x" * size)

    async def poll(self, clock: Any = None, source: BucketState | None = None, **spec: Any) -> BucketValues:
        source = source or self.source(clock, **spec)
        try:
            return await source.fetch()
        finally:
            await source.close()

    def source(self, clock: Any = None, **spec: Any) -> BucketState:
        told = {"endpoint": self.url, "bucket": self.bucket, "credentials_file": str(self.credentials), "timeout": 3.0}
        return BucketState("b", BucketSource(kind="bucket", **{**told, **spec}), clock or SystemClock())

    async def arrival(self, clock: Any = None, **expected: Any) -> Arrival:
        arrivals = {"nightly": {"prefix": "pg/", "every": 26 * 3600.0, **expected}}
        return (await self.poll(clock, arrivals=arrivals)).arrivals[0]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Refusing]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    refusing = Refusing(create_backend_app("s3"))
    httpd = make_server("127.0.0.1", 0, refusing, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", refusing
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(scope="module")
def client(server: tuple[str, Refusing]) -> Any:
    return boto3.client(
        "s3", endpoint_url=server[0], aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )


@pytest.fixture
def store(server: tuple[str, Refusing], client: Any, tmp_path: Path) -> Iterator[Store]:
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    credentials.chmod(0o600)
    store = Store(*server, credentials, f"state-{next(NUMBER)}", client)
    client.create_bucket(Bucket=store.bucket)
    yield store
    store.refusing.refused.clear()


def states(values: BucketValues) -> dict[str, str]:
    return {setting.name: setting.state for setting in values.settings}


async def test_a_bare_bucket_has_nothing_configured_and_that_is_no_refusal_and_no_lack(store: Store) -> None:
    store.client.delete_bucket_encryption(Bucket=store.bucket)
    store.refusing.refused = {
        "lifecycle": ("403", "AccessDenied"),
        "replication": ("501", "NotImplemented"),
        "publicAccessBlock": ("500", "InternalError"),
    }
    values = await store.poll()
    assert states(values) == {
        "versioning": "not configured",
        "encryption": "not configured",
        "lifecycle": "not permitted",
        "replication": "not supported",
        "object lock": "not configured",
        "public access block": "failed",
    }
    assert tuple(setting.name for setting in values.settings) == SETTINGS
    assert figure(values, "settings.encryption.on") == 0
    refused, lacking, failed = (
        figure(values, f"settings.{name}.on") for name in ("lifecycle", "replication", "public access block")
    )
    assert isinstance(refused, Unknown) and refused.why == "not permitted"
    assert "s3:GetLifecycleConfiguration" in refused.detail
    assert isinstance(lacking, Unknown) and lacking.why == "not recorded" and "does not have it" in lacking.detail
    assert isinstance(failed, Unknown) and failed.why == "failed"


async def test_settings_that_are_on_say_how(store: Store) -> None:
    name = {"Bucket": store.bucket}
    rule = {"ID": "1", "Prefix": "raw/", "Status": "Enabled", "Expiration": {"Days": 30}}
    store.client.put_bucket_versioning(**name, VersioningConfiguration={"Status": "Enabled"})
    store.client.put_bucket_lifecycle_configuration(**name, LifecycleConfiguration={"Rules": [rule]})
    store.client.put_bucket_encryption(
        **name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    copies = store.bucket + "-copies"
    store.client.create_bucket(Bucket=copies)
    store.client.put_bucket_versioning(Bucket=copies, VersioningConfiguration={"Status": "Enabled"})
    replicated = {"ID": "1", "Prefix": "", "Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{copies}"}}
    store.client.put_bucket_replication(
        **name, ReplicationConfiguration={"Role": "arn:aws:iam::123456789012:role/r", "Rules": [replicated]}
    )
    kept = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    store.client.put_object_lock_configuration(
        **name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": kept}
    )
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    store.client.put_public_access_block(**name, PublicAccessBlockConfiguration=blocked)
    values = await store.poll()
    assert {setting.name: (setting.state, setting.detail) for setting in values.settings} == {
        "versioning": ("on", ""),
        "encryption": ("on", "aws:kms"),
        "lifecycle": ("on", "1 of 1 rules enabled"),
        "replication": ("on", f"1 of 1 rules enabled to {copies}"),
        "object lock": ("on", "compliance 30 days"),
        "public access block": ("off", "without BlockPublicPolicy"),
    }
    assert figure(values, "settings.versioning.on") == 1
    store.client.put_bucket_versioning(**name, VersioningConfiguration={"Status": "Suspended"})
    assert states(await store.poll())["versioning"] == "off"


async def test_uploads_that_were_never_completed_are_counted_and_aged(store: Store) -> None:
    assert (await store.poll()).leftovers_age_s == 0
    for key in ("a", "b"):
        store.client.create_multipart_upload(Bucket=store.bucket, Key=key)
    begun = store.client.list_multipart_uploads(Bucket=store.bucket)["Uploads"][0]["Initiated"].timestamp()
    values = await store.poll(FakeClock(begun + 8 * DAY_S))
    assert (values.leftovers, values.leftovers_age_s) == (2, 8 * DAY_S)


async def test_the_newest_backup_has_an_age_and_its_share_of_the_usual_size(store: Store) -> None:
    store.put(**{"pg/1.dump": 100, "pg/2.dump": 120, "pg/3.dump": 110, "other/9.dump": 1})
    fine = await store.arrival(match="*.dump", min_share=0.5)
    assert fine.count == 3 and isinstance(fine.age_s, float) and fine.age_s < 60
    assert (fine.overdue, fine.shrunken) == (0, 0)
    _later(store, "pg/4.dump", 20)
    store.put(**{"pg/4.dump.sha256": 1})
    small = await store.arrival(match="*.dump", min_share=0.5)
    assert (small.newest, small.bytes, small.shrunken) == ("pg/4.dump", 20, 1)
    assert isinstance(small.size_share, float) and small.size_share == pytest.approx(20 / 110)
    late = await store.arrival(FakeClock(datetime.now(UTC).timestamp() + 2 * DAY_S))
    assert late.overdue == 1 and isinstance(late.shrunken, Unknown)


def _later(store: Store, key: str, size: int) -> None:
    """One that is newer than those before: the store tells whole seconds, so those are made older."""
    for held in s3_backends["123456789012"]["aws"].buckets[store.bucket].keys.values():
        held.last_modified -= timedelta(minutes=1)
    store.put(**{key: size})


async def test_where_nothing_ever_arrived_it_is_overdue_and_has_no_age(store: Store) -> None:
    none = await store.arrival()
    assert (none.count, none.overdue) == (0, 1)
    assert isinstance(none.age_s, Unknown) and "nothing is below pg/" in none.age_s.detail


async def test_a_backup_in_a_folder_is_one_and_an_empty_one_is_shrunken(store: Store) -> None:
    store.put(**{"pg/base_1/part_1": 40, "pg/base_1/part_2": 60})
    folder = await store.arrival(min_share=0.5)
    assert (folder.count, folder.newest, folder.bytes) == (1, "pg/base_1/", 100)
    assert isinstance(folder.size_share, Unknown) and isinstance(folder.shrunken, Unknown)
    store.client.delete_object(Bucket=store.bucket, Key="pg/base_1/part_1")
    store.put(**{"pg/base_1/part_2": 0})
    assert (await store.arrival(min_share=0.5)).shrunken == 1


async def test_archived_wal_is_followed_over_several_polls_and_each_segment_counts_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(**{f"wal/0000000100000000000000{n:02X}": 16 for n in range(7)})
    source = store.source(arrivals={"wal": {"prefix": "wal/", "every": 3600.0}}, list_calls=2)
    page = source._settings.page
    monkeypatch.setattr(source._settings, "page", lambda **told: page(**{**told, "keys": 2}))
    first = (await source.fetch()).arrivals[0]
    assert first.age_s == Unknown("no data yet", "listing: 4 so far") == first.overdue
    second = (await source.fetch()).arrivals[0]
    assert (second.count, second.bytes, second.overdue) == (Estimate(7), 16, 0)
    _later(store, "wal/000000010000000000000007", 16)
    third = (await source.fetch()).arrivals[0]
    assert (third.count, third.newest, third.bytes) == (Estimate(8), "wal/000000010000000000000007", 16)
    await source.close()


async def test_what_may_not_be_listed_is_that_arrivals_fault_and_no_verdict(store: Store) -> None:
    store.refusing.refused = {"list-type=2": ("403", "AccessDenied")}
    found = await store.arrival()
    assert found.fault and found.fault.kind == "denied" and "s3:ListBucket" in found.fault.remedy
    assert isinstance(found.overdue, Unknown) and found.overdue.why == "not permitted"


async def test_of_more_leftovers_than_a_page_holds_the_figures_are_lower_bounds(store: Store) -> None:
    upload = "<Upload><Key>k</Key><UploadId>1</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>"
    page = f"<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>{2 * upload}</ListMultipartUploadsResult>"
    store.refusing.refused = {"uploads": ("200", page)}
    values = await store.poll(FakeClock(datetime(2026, 1, 3, tzinfo=UTC).timestamp()))
    assert (values.leftovers, values.leftovers_age_s) == (AtLeast(2), AtLeast(2 * 86_400))


async def test_a_bucket_that_is_not_there_fails_as_a_whole(store: Store) -> None:
    with pytest.raises(SourceError) as raised:
        await store.poll(bucket="nowhere", arrivals={"a": {"prefix": "x/", "every": 60.0}})
    assert raised.value.kind == "missing" and "no such bucket" in raised.value.message


async def test_a_listing_that_runs_out_of_time_goes_on_from_where_it_came_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(**{f"wal/{n}": 16 for n in range(4)})
    source = store.source(arrivals={"wal": {"prefix": "wal/", "every": 3600.0}})
    page, slow = source._settings.page, SourceError("timeout", "no complete answer", "wait")

    def one_page(**told: Any) -> Any:
        if told["token"]:
            raise slow
        return page(**{**told, "keys": 3})

    monkeypatch.setattr(source._settings, "page", one_page)
    first = (await source.fetch()).arrivals[0]
    assert first.fault is None and first.count == Unknown("no data yet", "listing: 3 so far")
    second = (await source.fetch()).arrivals[0]
    assert (second.count, second.newest, second.overdue) == (Estimate(4), "wal/3", 0)
    monkeypatch.setattr(source._settings, "page", lambda **told: one_page(token="more"))
    third = (await source.fetch()).arrivals[0]
    assert third.fault and third.fault.kind == "timeout" and isinstance(third.overdue, Unknown)
    await source.close()
