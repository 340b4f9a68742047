"""How a bucket is set up, one call a setting; that there is none a store tells by a code of that setting's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from services.errors import SourceError
from services.readings import AtLeast, Setting
from services.readings.bucket import State
from services.sources.s3_client import Client
from services.sources.s3_faults import Call, code_of, told
from services.text import safe

UPLOADS = 1000  # one page
_UNSUPPORTED = {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation"}
Told = tuple[State, str]


class Question(NamedTuple):
    name: str
    method: str  # of the client
    right: str
    absent: str  # the code that says there is none; it comes as a 404, like that of a bucket that is not there
    read: Callable[[Mapping[str, Any]], Told]


class Settings(Client):
    def setting(self, question: Question) -> Setting:
        """SourceError when the store did not tell."""
        try:
            with told(self.where, Call(f"reading {question.name}", question.right)):
                answer = getattr(self.api, question.method)(Bucket=self._access.bucket)
                state, detail = question.read(answer)
        except SourceError as error:
            status, code = code_of(error)
            if code and code == question.absent:
                return Setting(question.name, "not configured")
            if code in _UNSUPPORTED or status == 501:
                return Setting(question.name, "not supported", f"the store does not have it: {status} {code}")
            raise
        return Setting(question.name, state, safe(detail, 200))

    def leftovers(self) -> tuple[int | AtLeast, float | None]:
        """Multipart uploads under way or left behind, and when the oldest of the first page began (unix seconds)."""
        with told(self.where, Call("listing multipart uploads", "s3:ListBucketMultipartUploads")):
            page = self.api.list_multipart_uploads(Bucket=self._access.bucket, MaxUploads=UPLOADS)
            begun = [upload["Initiated"].timestamp() for upload in page.get("Uploads", ())]
        count = AtLeast(len(begun)) if page.get("IsTruncated") else len(begun)
        return count, min(begun, default=None)


def _versioning(answer: Mapping[str, Any]) -> Told:
    match answer.get("Status"):
        case "Enabled":
            return "on", ""
        case None:
            return "not configured", ""
        case status:
            return "off", str(status).lower()


def _encryption(answer: Mapping[str, Any]) -> Told:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    named = [default["SSEAlgorithm"] for default in defaults if default.get("SSEAlgorithm")]
    return ("on" if named else "off"), ", ".join(named)


def _lifecycle(answer: Mapping[str, Any]) -> Told:
    rules = answer.get("Rules", ())
    return _enabled([rule for rule in rules if rule.get("Status") == "Enabled"], len(rules))


def _replication(answer: Mapping[str, Any]) -> Told:
    rules = answer["ReplicationConfiguration"].get("Rules", ())
    enabled = [rule for rule in rules if rule.get("Status") == "Enabled"]
    state, counted = _enabled(enabled, len(rules))
    to = sorted({rule["Destination"]["Bucket"].rpartition(":")[2] for rule in enabled})
    return state, f"{counted} to {', '.join(to)}" if to else counted


def _enabled(rules: list[Any], of: int) -> Told:
    return ("on" if rules else "off"), f"{len(rules)} of {of} rules enabled"


def _lock(answer: Mapping[str, Any]) -> Told:
    lock = answer["ObjectLockConfiguration"]
    kept = lock.get("Rule", {}).get("DefaultRetention", {})
    amount = next((f"{kept[unit]} {unit.lower()}" for unit in ("Days", "Years") if unit in kept), "")
    said = f"{kept.get('Mode', '').lower()} {amount}".strip() or "no default retention"
    return ("on" if lock.get("ObjectLockEnabled") == "Enabled" else "off"), said


def _public(answer: Mapping[str, Any]) -> Told:
    """On only with all four: each leaves another way open."""
    found = answer["PublicAccessBlockConfiguration"]
    parts = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    lacking = [part for part in parts if not found.get(part)]
    return ("off", f"without {', '.join(lacking)}") if lacking else ("on", "")


QUESTIONS = (
    Question("versioning", "get_bucket_versioning", "s3:GetBucketVersioning", "", _versioning),
    Question(
        "encryption",
        "get_bucket_encryption",
        "s3:GetEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        _encryption,
    ),
    Question(
        "lifecycle",
        "get_bucket_lifecycle_configuration",
        "s3:GetLifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
        _lifecycle,
    ),
    Question(
        "replication",
        "get_bucket_replication",
        "s3:GetReplicationConfiguration",
        "ReplicationConfigurationNotFoundError",
        _replication,
    ),
    Question(
        "object lock",
        "get_object_lock_configuration",
        "s3:GetBucketObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        _lock,
    ),
    Question(
        "public access block",
        "get_public_access_block",
        "s3:GetBucketPublicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
        _public,
    ),
)
