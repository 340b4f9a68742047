"""Finds named objects of a bucket, in as few list calls as their neighbourhood allows; or with all their versions.

A list call costs little more than a HEAD and tells of up to 1,000 keys. So the keys are walked in their order: each
call begins right before the next key that is not known yet. Where the store lists in another order, that is an error:
a key that was only not seen must never be taken for one that is not there. Versions are asked for key by key: not
every store begins a list of versions where it is told to when no key of that name exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from services.errors import SourceError
from services.sources.s3_client import Client
from services.sources.s3_faults import Call, told
from services.text import safe

PAGE = 1000
_LEAST = 10  # keys asked for where the next wanted one is far away
_AT_ONCE = 8
_LATE = "~"  # the last printable character: right before a key stand few others that begin with its neighbour


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object. In a bucket without versions `id` is empty, and there is one at most."""

    key: str
    id: str = ""
    etag: str = ""
    size: int = 0
    marker: bool = False  # says that the key was deleted; what was there is still below it


Versions = tuple[Version, ...]


class Named(Client):
    """Every call blocks, and raises SourceError and nothing else."""

    def is_versioned(self) -> bool:
        """Also where it was once, and is suspended: old versions are still there."""
        with told(self.where, Call("reading its versioning", "s3:GetBucketVersioning")):
            return bool(self.api.get_bucket_versioning(Bucket=self._access.bucket).get("Status"))

    def find(self, keys: Iterable[str], versions: bool) -> dict[str, Versions]:
        """What is there of each key; a key that is not there is not in it. Without `versions`: the current one."""
        wanted = sorted(set(keys))
        return self._all_versions(wanted) if versions else self._current(wanted)

    # ---- the current ones

    def _current(self, wanted: Sequence[str]) -> dict[str, Versions]:
        found: dict[str, Versions] = {}
        at, after, size = 0, "", PAGE
        while at < len(wanted):
            after = max(after, before(wanted[at]))
            page, more = self._listed(after, size)
            there = {each.key: each for each in page}
            began = at
            while at < len(wanted) and (not more or wanted[at] <= page[-1].key):
                if each := there.get(wanted[at]):
                    found[each.key] = (each,)
                at += 1
            after = page[-1].key if more else after
            size = PAGE if at - began > 1 else _LEAST
        return found

    def _listed(self, after: str, keys: int) -> tuple[Versions, bool]:
        """The first keys after this one, and whether there are more."""
        with told(self.where, Call("listing objects", "s3:ListBucket")):
            answer = self.api.list_objects_v2(Bucket=self._access.bucket, MaxKeys=keys, StartAfter=after)
            rows: list[Any] = list(answer.get("Contents", ()))
            found = tuple(Version(row["Key"], "", row["ETag"], row["Size"]) for row in rows)
            more = bool(answer["IsTruncated"])
        names = [each.key for each in found]
        if any(one >= other for one, other in zip([after, *names], names, strict=False)) or (more and not found):
            raise SourceError(
                "protocol",
                f"{self.where}: it does not list its keys in their order (after {safe(after, 80)!r})",
                "what is there cannot be told from such a list: nothing may be deleted on its word",
            )
        return found, more

    # ---- with their past

    def _all_versions(self, wanted: Sequence[str]) -> dict[str, Versions]:
        with ThreadPoolExecutor(_AT_ONCE, "versions") as threads:
            told_of = zip(wanted, threads.map(self._versions_of, wanted), strict=True)
            return {key: found for key, found in told_of if found}

    def _versions_of(self, key: str) -> Versions:
        """All of one key: it stands before those that only begin with it."""
        found: list[Version] = []
        where: dict[str, str] = {}
        with told(self.where, Call(f"listing the versions of {safe(key, 200)}", "s3:ListBucketVersions")):
            while True:
                answer = self.api.list_object_versions(Bucket=self._access.bucket, Prefix=key, **where)  # type: ignore[arg-type]
                rows: list[Any] = list(answer.get("Versions", ()))
                marks: list[Any] = list(answer.get("DeleteMarkers", ()))
                found += [Version(key, row["VersionId"], row["ETag"], row["Size"]) for row in rows if row["Key"] == key]
                found += [Version(key, row["VersionId"], marker=True) for row in marks if row["Key"] == key]
                if not answer["IsTruncated"] or answer["NextKeyMarker"] != key:
                    return tuple(found)
                where = {"KeyMarker": key, "VersionIdMarker": answer["NextVersionIdMarker"]}


def before(key: str) -> str:
    """A key right before this one, so that a list call that begins after it begins with this one.

    >>> before("raw/17.fit")
    'raw/17.fis~'
    """
    last = key[-1:]
    return f"{key[:-1]}{chr(ord(last) - 1)}{_LATE}" if "!" < last <= "~" else key[:-1]
