"""Files by a pattern such as /var/backups/*.gz."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path


def has_wildcard(pattern: str) -> bool:
    return glob.has_magic(pattern)


def folder_of(pattern: str) -> Path:
    """The folder before the first part with a wildcard in it."""
    return Path(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts[:-1]))


def matching(pattern: str) -> Iterator[Path]:
    """What matches now, in no order."""
    folder = folder_of(pattern)
    yield from folder.glob(str(Path(*Path(pattern).parts[len(folder.parts) :])))
