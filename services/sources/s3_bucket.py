"""The calls that measure one bucket."""

from __future__ import annotations

from services.clock import Clock
from services.errors import SourceError
from services.profile import S3Source
from services.sources.s3_client import Client
from services.sources.s3_faults import Call, told

CANARY = b"watchdeck reads and writes this object to measure latency\n"
CANARY_READ = 65_536  # bytes: the canary may be an object of somebody else's


class Bucket(Client):
    def __init__(self, spec: S3Source, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._spec = spec
        self.versioned = False
        self.canary_bytes = 0  # how much the last read of it brought

    def head(self) -> float:
        """Seconds it took to be told that the bucket is there."""
        with told(self.where, Call("looking at the bucket", "s3:ListBucket")):
            started = self._clock.mono()
            self.api.head_bucket(Bucket=self._spec.bucket)
            return self._clock.mono() - started

    def read_canary(self) -> float:
        key = self._spec.canary
        with told(self.where, Call(f"reading {key}", "s3:GetObject")):
            started = self._clock.mono()
            found = self.api.get_object(Bucket=self._spec.bucket, Key=key)["Body"].read(CANARY_READ)
            took = self._clock.mono() - started
        self.canary_bytes = len(found)
        return took

    def write_canary(self) -> float:
        key = self._spec.canary
        with told(self.where, Call(f"writing {key}", "s3:PutObject")):
            started = self._clock.mono()
            self.api.put_object(Bucket=self._spec.bucket, Key=key, Body=CANARY)
            return self._clock.mono() - started

    def _learn(self) -> None:
        """Whether each write of the canary would stay for ever as a version. When it cannot be told: no."""
        if not self._spec.canary_write:
            return
        try:
            with told(self.where, Call("reading the versioning", "s3:GetBucketVersioning")):
                status = self.api.get_bucket_versioning(Bucket=self._spec.bucket).get("Status")
                self.versioned = status == "Enabled"
        except SourceError:
            pass
