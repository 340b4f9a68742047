"""A dump where it is kept, in a bucket or as a file: found, and read piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.backups.manifest import Manifest
from services.backups.plain import is_custom, pieces
from services.backups.store import Store
from services.errors import ActionError
from services.sources.globbed import matching
from services.text import safe


@dataclass(frozen=True)
class Kept:
    name: str
    size: int
    at: float  # unix seconds
    custom: bool  # for pg_restore; else it is SQL
    manifest: Manifest | None
    pieces: Callable[[], Iterator[bytes]]


def in_bucket(store: Store, prefix: str, match: str, wanted: str = "") -> Kept:
    """The newest, or the one that is wanted. Blocks. ActionError when it is not there."""
    store.open()
    there = store.dumps(prefix, match)
    found = next((one for one in there if wanted in ("", one.key, one.key.removeprefix(prefix))), None)
    if found is None:
        what = f"no dump {safe(wanted, 200)}" if wanted else "no dump"
        raise ActionError(f"{store.where}: {what} below {prefix}", "see the view `backups` for what is there")
    return Kept(found.key, found.size, found.at, True, store.manifest(found.key), lambda: store.read(found.key))


def on_disk(pattern: str, wanted: str = "") -> Kept:
    """The same of files."""
    files = [path for path in matching(pattern) if path.is_file() and wanted in ("", str(path), path.name)]
    if not files:
        raise ActionError(f"no dump {safe(wanted or pattern, 200)}", "look at `glob`, and whether we may read there")
    newest = max(files, key=lambda path: path.stat().st_mtime)
    told = newest.stat()
    return Kept(str(newest), told.st_size, told.st_mtime, is_custom(newest), None, lambda: pieces(newest))
