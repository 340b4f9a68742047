"""The bucket that dumps are in: listed, read, and written so that a dump is there as a whole or not at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from services.backups.manifest import ENDING, Manifest, parsed
from services.clock import SystemClock
from services.errors import SourceError
from services.profile.sources.s3 import S3Access
from services.sources.s3_client import Client, Object
from services.sources.s3_faults import Call, told

PATIENCE_S = 60.0  # a part takes longer than what a poll asks for
PAGES = 50
CHUNK = 1 << 20


@dataclass(frozen=True)
class Leftover:
    """An upload that was begun and is neither complete nor aborted."""

    key: str
    id: str
    begun: float


@dataclass
class Upload:
    """One under way. Its parts are as the store confirmed them."""

    key: str
    id: str
    parts: list[dict[str, Any]] = field(default_factory=list)


class Store(Client):
    """Every call blocks."""

    def __init__(self, spec: S3Access, patience_s: float = PATIENCE_S) -> None:
        super().__init__(spec.model_copy(update={"timeout": patience_s}), SystemClock())
        self.bucket = spec.bucket

    # ---- what is there

    def dumps(self, prefix: str, match: str) -> tuple[Object, ...]:
        """Those below the prefix, not in folders below that, the newest first."""
        return self.listed(prefix, match)[0]

    def listed(self, prefix: str, match: str) -> tuple[tuple[Object, ...], set[str]]:
        """The same, and the keys of those that have a manifest."""
        found: list[Object] = []
        token = ""
        for _ in range(PAGES):
            page = self.page(prefix=prefix, token=token)
            found += page.objects
            if not (token := page.token):
                break
        dumps = [one for one in found if _is_dump(one.key[len(prefix) :], match)]
        described = {one.key.removesuffix(ENDING) for one in found if one.key.endswith(ENDING)}
        return tuple(sorted(dumps, key=lambda one: (one.at, one.key), reverse=True)), described

    def size(self, key: str) -> int | None:
        """Bytes of the object; None: there is none."""
        try:
            with told(self.where, Call(f"looking at {key}", "s3:GetObject")):
                return int(self.api.head_object(Bucket=self.bucket, Key=key)["ContentLength"])
        except SourceError as error:
            if error.kind == "missing":
                return None
            raise

    def manifest(self, key: str) -> Manifest | None:
        """Of the dump with this key; None: nobody wrote one."""
        try:
            with told(self.where, Call(f"reading {key}{ENDING}", "s3:GetObject")):
                answer = self.api.get_object(Bucket=self.bucket, Key=key + ENDING)
                text = answer["Body"].read(CHUNK)
        except SourceError as error:
            if error.kind == "missing":
                return None
            raise
        return parsed(text, key)

    def read(self, key: str) -> Iterator[bytes]:
        """The object, piece by piece; SourceError where it ends too early."""
        with told(self.where, Call(f"reading {key}", "s3:GetObject")):
            body = self.api.get_object(Bucket=self.bucket, Key=key)["Body"]
            try:
                while piece := body.read(CHUNK):
                    yield piece
            finally:
                body.close()

    def leftovers(self, prefix: str, match: str) -> tuple[Leftover, ...]:
        """Uploads of dumps that were begun below the prefix and never ended."""
        with told(self.where, Call("listing unfinished uploads", "s3:ListBucketMultipartUploads")):
            answer = self.api.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix)
        found = (
            Leftover(one["Key"], one["UploadId"], one["Initiated"].timestamp()) for one in answer.get("Uploads", ())
        )
        return tuple(one for one in found if fnmatchcase(one.key[len(prefix) :], match))

    # ---- writing

    def begin(self, key: str) -> Upload:
        with told(self.where, Call(f"beginning {key}", "s3:PutObject")):
            answer = self.api.create_multipart_upload(
                Bucket=self.bucket, Key=key, ContentType="application/octet-stream"
            )
        return Upload(key, answer["UploadId"])

    def part(self, upload: Upload, body: bytes) -> None:
        """The next one; the store refuses what did not arrive as it was sent."""
        number, sum_ = len(upload.parts) + 1, hashlib.md5(body, usedforsecurity=False).digest()
        with told(self.where, Call(f"writing part {number} of {upload.key}", "s3:PutObject")):
            answer = self.api.upload_part(
                Bucket=self.bucket,
                Key=upload.key,
                UploadId=upload.id,
                PartNumber=number,
                Body=body,
                ContentMD5=base64.b64encode(sum_).decode(),
            )
        upload.parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    def complete(self, upload: Upload) -> None:
        """Only now there is an object."""
        with told(self.where, Call(f"completing {upload.key}", "s3:PutObject")):
            self.api.complete_multipart_upload(
                Bucket=self.bucket,
                Key=upload.key,
                UploadId=upload.id,
                MultipartUpload={"Parts": upload.parts},  # type: ignore[typeddict-item]
            )

    def abort(self, key: str, id_: str) -> None:
        with told(self.where, Call(f"aborting the upload of {key}", "s3:AbortMultipartUpload")):
            self.api.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=id_)

    def describe(self, manifest: Manifest) -> None:
        key = manifest.key + ENDING
        with told(self.where, Call(f"writing {key}", "s3:PutObject")):
            self.api.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=manifest.model_dump_json(indent=1).encode(),
                ContentType="application/json",
            )


def _is_dump(rest: str, match: str) -> bool:
    return bool(rest) and "/" not in rest and not rest.endswith(ENDING) and fnmatchcase(rest, match)
