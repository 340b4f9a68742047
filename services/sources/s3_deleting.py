"""Deletes named versions of objects, and looks whether they are gone; reads objects to compare their hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from services.sources.s3_faults import Call, told
from services.sources.s3_named import PAGE, Named, Version
from services.text import safe

_CHUNK = 1 << 20


class Deleting(Named):
    def open(self) -> None:
        super().open()
        # what S3 itself no longer asks for, and many a store that speaks its language still does
        self.api.meta.events.register("before-call.s3.DeleteObjects", _with_md5, unique_id="watchdeck-md5")

    def delete(self, versions: Sequence[Version]) -> dict[tuple[str, str], str]:
        """One request, of up to 1,000. What the store refused, by key and version, and why; an empty dict is no proof
        that the others are gone. SourceError: whether any of it was done is not known."""
        assert len(versions) <= PAGE
        named: list[Any] = [{"Key": one.key} | ({"VersionId": one.id} if one.id else {}) for one in versions]
        with told(self.where, Call(f"deleting {len(versions)} objects", "s3:DeleteObject")):
            answer = self.api.delete_objects(Bucket=self._access.bucket, Delete={"Objects": named, "Quiet": True})
            return {
                (error.get("Key", ""), error.get("VersionId", "")): _refused(error)
                for error in answer.get("Errors", ())
            }

    def checksum(self, key: str) -> str:
        """The SHA-256 of the object as the store says it, in hex; empty where it does not, or only of its parts."""
        with told(self.where, Call(f"asking for {safe(key, 200)}", "s3:GetObject")):
            answer = self.api.head_object(Bucket=self._access.bucket, Key=key, ChecksumMode="ENABLED")
        said = answer.get("ChecksumSHA256", "")
        if said and answer.get("ChecksumType") != "COMPOSITE" and "-" not in said:
            return base64.b64decode(said).hex()
        return ""

    def hashed(self, key: str, limit: int, go_on: Callable[[], bool]) -> str:
        """The SHA-256 of what is read, in hex; empty when it is more than `limit` bytes, or when nobody waits."""
        digest, read = hashlib.sha256(), 0
        with told(self.where, Call(f"reading {safe(key, 200)}", "s3:GetObject")):
            body = self.api.get_object(Bucket=self._access.bucket, Key=key)["Body"]
            try:
                while chunk := body.read(_CHUNK):
                    read += len(chunk)
                    if read > limit or not go_on():
                        return ""
                    digest.update(chunk)
            finally:
                body.close()
        return digest.hexdigest()


def is_refusal(why: str) -> bool:
    """Whether asking again will not help: somebody has to allow it."""
    return why.startswith(("AccessDenied", "InvalidRequest", "ObjectLocked", "MethodNotAllowed"))


def _refused(error: Any) -> str:
    code, message = error.get("Code", ""), error.get("Message", "")
    return safe(f"{code}: {message}" if message else code or "refused", 200)


def _with_md5(params: dict[str, Any], **_: Any) -> None:
    body = params.get("body") or b""
    if isinstance(body, str):
        body = body.encode()
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()
