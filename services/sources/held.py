"""What the files below a folder hold together: its own disk's bytes, as du has it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from services.errors import SourceError
from services.text import safe

MOST = 200_000  # entries
_BLOCK = 512  # what st_blocks counts in


def held(path: str) -> int:
    """Bytes on the disk. No symlink is followed, no other file system entered, a file of several names counts once.
    OSError when the folder cannot be read, SourceError when there are too many files to add up at every poll."""
    root = Path(path).stat()
    folders, files, total, looked = [path], set[int](), root.st_blocks * _BLOCK, 0
    while folders:
        folder = folders.pop()
        with contextlib.suppress(OSError) if folder != path else contextlib.nullcontext(), os.scandir(folder) as there:
            for entry in there:
                looked += 1
                with contextlib.suppress(FileNotFoundError):  # it went meanwhile
                    told = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(told.st_mode) and told.st_dev == root.st_dev:
                        folders.append(entry.path)
                    if told.st_nlink == 1 or stat.S_ISDIR(told.st_mode) or told.st_ino not in files:
                        files.add(told.st_ino)
                        total += told.st_blocks * _BLOCK
        if looked > MOST:
            raise SourceError("limit", f"{safe(path, 200)}: more than {MOST:,} files", "let a `command` tell its size")
    return total
