"""A client of one bucket through boto3: every call blocks, and raises SourceError and nothing else."""

from __future__ import annotations

import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.clock import Clock
from services.errors import SourceError
from services.profile.sources.s3 import S3Access
from services.sources.s3_faults import Call, told
from services.text import safe

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SHARE = 0.4  # of the timeout; the rest is for the answer


@dataclass(frozen=True, slots=True)
class Object:
    key: str
    size: int
    at: float  # last modified, unix seconds


@dataclass(frozen=True, slots=True)
class Page:
    objects: tuple[Object, ...]
    token: str  # "" after the last page


class Client:
    def __init__(self, spec: S3Access, clock: Clock) -> None:
        self._access = spec
        self._clock = clock
        self._client: S3Client | None = None
        self._opening = threading.Lock()
        self.where = safe(f"{spec.endpoint or 'AWS'} bucket {spec.bucket}", 200)

    def open(self) -> None:
        """Imports the driver and makes the client, once: 0.4 s and 54 MB."""
        with self._opening:
            if self._client is None:
                with told(self.where, Call("opening the client", "")):
                    self._client = _connect(self._access)
                self._learn()

    def _learn(self) -> None:
        """What has to be known before the first poll."""

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def page(self, *, prefix: str = "", token: str = "", after: str = "", keys: int = 1000) -> Page:
        """One list call, in key order."""
        more: dict[str, Any] = {"ContinuationToken": token} if token else {"StartAfter": after} if after else {}
        with told(self.where, Call(f"listing {prefix or 'objects'}", "s3:ListBucket")):
            answer = self.api.list_objects_v2(
                Bucket=self._access.bucket, Prefix=prefix, MaxKeys=keys, EncodingType="url", **more
            )
            found = [Object(o["Key"], o["Size"], o["LastModified"].timestamp()) for o in answer.get("Contents", ())]
            return Page(tuple(found), answer.get("NextContinuationToken", "") if answer.get("IsTruncated") else "")

    @property
    def api(self) -> S3Client:
        if self._client is None:
            raise SourceError("error", f"{self.where}: the client is closed")
        return self._client


def _connect(spec: S3Access) -> S3Client:
    if spec.credentials_file:
        _must_be_private(Path(spec.credentials_file).expanduser())
    import boto3
    import botocore.session
    from botocore.config import Config

    core = botocore.session.Session(profile=spec.aws_profile or None)
    if spec.credentials_file:
        core.set_config_variable("credentials_file", str(Path(spec.credentials_file).expanduser()))
    config = Config(
        connect_timeout=CONNECT_SHARE * spec.timeout,
        read_timeout=(1 - CONNECT_SHARE) * spec.timeout,
        retries={"total_max_attempts": 1},  # a retry would hide the error, and take the poll's time
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if spec.endpoint else {},
        user_agent_extra="watchdeck",
    )
    return boto3.Session(botocore_session=core, region_name=spec.region).client(
        "s3", endpoint_url=spec.endpoint or None, config=config
    )


def _must_be_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(
            "config", f"{safe(path)}: the credentials cannot be read: {error.strerror}", "check `credentials_file`"
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SourceError("config", f"{safe(path)}: others may read these credentials", f"chmod 600 {safe(path)}")
