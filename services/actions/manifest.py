"""The frozen list of what one purge is about: written whole before it is confirmed, and never changed.

A run that was killed is gone on with by the same list, so that nothing is deleted that nobody has confirmed. The hash
of the file stands in the plan, in the intent of the local audit, and in the database's ledger.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.actions.journal_file import JournalFile
from services.errors import ActionError
from services.sources.s3_named import Version, Versions

PREVIEWED_S = 3600.0  # a list that nobody has confirmed
KEPT_S = 30 * 86_400.0  # one that has been carried out; what was done stands in the ledger


@dataclass(frozen=True, slots=True)
class Entry:
    """One row and its objects as the preview found them; an object without an ETag was gone already."""

    kind: str
    id: str
    seen: Mapping[str, str | None]
    objects: Versions = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.key for each in self.objects))


@dataclass(frozen=True, slots=True)
class Manifest:
    id: str
    sha256: str
    about: Mapping[str, Any]  # which action, where: what must still be so when it is carried out
    entries: tuple[Entry, ...]

    @property
    def objects(self) -> int:
        return sum(len(entry.objects) for entry in self.entries)

    @property
    def bytes(self) -> int:
        return sum(each.size for entry in self.entries for each in entry.objects)

    def frozen(self) -> dict[str, Any]:
        """What plan, intent and ledger say of it."""
        told = {"manifest": self.id, "sha256": self.sha256, "rows": len(self.entries)}
        return {**told, "objects": self.objects, "bytes": self.bytes}


class Manifests:
    """A folder beside the local audit, 0700, its files 0600. ActionError when it cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, about: Mapping[str, Any], entries: Sequence[Entry]) -> Manifest:
        """Durable when it returns."""
        self._prune()
        name = secrets.token_hex(4)
        text = b"".join(_lines({**about, "manifest": name, "at": time.time()}, entries))
        file = JournalFile(self.folder / f"{name}.previewed")
        with file.locked() as descriptor:
            file.append(descriptor, text)
        return Manifest(name, hashlib.sha256(text).hexdigest(), about, tuple(entries))

    def load(self, name: str, sha256: str = "") -> Manifest:
        """ActionError when it is not there, or not as it was."""
        path = self._path(name)
        text = JournalFile(path).read()
        found = hashlib.sha256(text).hexdigest()
        if not text or (sha256 and found != sha256):
            raise ActionError(
                f"{path}: the manifest is not as it was when it was confirmed", "take a new preview: it finds the rest"
            )
        head, *rows = (json.loads(line) for line in text.splitlines())
        return Manifest(name, found, head, tuple(map(_entry, rows)))

    def begin(self, name: str) -> None:
        """From now on it is kept until it has been carried out."""
        self._become(name, "begun")

    def never_begun(self, name: str) -> None:
        """What it is for was refused."""
        self._become(name, "previewed")

    def finish(self, name: str) -> None:
        """Everything that was due is gone: whatever older ones of the same action have left is gone, or not due."""
        action = self.action_of(name)
        for one in {name, *self.unfinished()}:
            if self.action_of(one) == action:
                self._become(one, "done")

    def unfinished(self) -> tuple[str, ...]:
        """Those that were begun and have not been carried out to the end, the newest first."""
        found = sorted(self.folder.glob("*.begun"), key=lambda path: -path.stat().st_mtime)
        return tuple(path.stem for path in found)

    def action_of(self, name: str) -> str:
        """Which action it is of, by its first line alone."""
        with suppress(OSError, ValueError), self._path(name).open("rb") as file:
            return str(json.loads(file.readline()).get("action", ""))
        return ""

    def _path(self, name: str) -> Path:
        for state in ("begun", "previewed", "done"):
            if (path := self.folder / f"{name}.{state}").exists() and name.isalnum():
                return path
        raise ActionError(
            f"{self.folder}: there is no manifest {name!r}",
            f"there are: {', '.join(self.unfinished()) or 'none that was not carried out'}",
        )

    def _become(self, name: str, state: str) -> None:
        path = self._path(name)
        path.rename(path.with_suffix(f".{state}"))

    def _prune(self) -> None:
        """Nobody ever confirmed the one, and the other's time is over."""
        for pattern, kept_s in (("*.previewed", PREVIEWED_S), ("*.done", KEPT_S)):
            for path in self.folder.glob(pattern):
                with suppress(OSError):
                    if time.time() - path.stat().st_mtime > kept_s:
                        path.unlink()


def _lines(head: Mapping[str, Any], entries: Sequence[Entry]) -> Iterator[bytes]:
    yield json.dumps(head).encode() + b"\n"
    for one in entries:
        objects = [[each.key, each.id, each.etag, each.size, each.marker] for each in one.objects]
        yield json.dumps([one.kind, one.id, dict(one.seen), objects], separators=(",", ":")).encode() + b"\n"


def _entry(row: list[Any]) -> Entry:
    kind, name, seen, objects = row
    return Entry(kind, name, seen, tuple(Version(*each) for each in objects))
