"""A file that grows, followed by its inode: rotation loses nothing, truncation is noticed, a line is told whole."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from services.errors import SourceError
from services.text import safe

FIRST = 65_536  # bytes looked back at, when it is first seen
LONGEST = 65_536  # bytes of a line; what follows in it is thrown away
_MARK = 64  # bytes before our place that must still be there, or the file was written anew


@dataclass(frozen=True, slots=True)
class Grown:
    """What has come since the last look. `lost` counts bytes that came faster than they are read."""

    lines: tuple[bytes, ...]
    lost: int = 0
    note: str = ""


class LogFile:
    def __init__(self, path: str) -> None:
        self.path = path
        self.shown = safe(path, 200)
        self._file: int | None = None
        self._at = 0
        self._mark = b""  # what stands before our place
        self._partial = b""
        self._first = True

    def read(self, limit: int) -> Grown:
        """At most `limit` bytes from each of the old file, if it was rotated away, and the new one.

        SourceError when it is not there or may not be read, and nothing of it is left to be told.
        """
        lines: list[bytes] = []
        lost, note = 0, ""
        if self._file is not None:
            note = self._truncated()
            lost += self._grown(lines, limit)
            if self._rotated():
                self._finish(lines)
                note = f"{self.shown} was rotated"
        if self._file is None:
            try:
                self._open()
            except OSError as error:
                if lines:
                    return Grown(tuple(lines), lost, f"{self.shown}: {error.strerror}")
                raise self._fault(error) from error
            lost += self._grown(lines, limit)
        return Grown(tuple(lines), lost, note)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._at, self._mark, self._partial = None, 0, b"", b""

    def _open(self) -> None:
        # not blocking: a pipe of that name would wait for its writer for ever
        file = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        told = os.fstat(file)
        if not stat.S_ISREG(told.st_mode):
            os.close(file)
            raise OSError(0, "is not a file")
        self._file, self._at = file, 0
        if self._first and told.st_size > FIRST:
            # one byte more, so that a line that starts just there is whole
            self._at = told.st_size - FIRST - 1
            head = os.pread(file, FIRST + 1, self._at)
            self._at += head.find(b"\n") + 1
        self._first = False

    def _grown(self, lines: list[bytes], limit: int) -> int:
        """Appends the whole lines there are; the bytes that were passed over."""
        assert self._file is not None
        size = os.fstat(self._file).st_size
        lost = max(0, size - self._at - limit)
        if lost:
            self._at, self._partial = self._at + lost, b""
        read = os.pread(self._file, limit, self._at)
        if lost:  # in the middle of a line
            cut = read.find(b"\n") + 1
            self._at, lost, read = self._at + cut, lost + cut, read[cut:]
        if not read:
            return lost
        self._at += len(read)
        self._mark = (self._mark + read)[-_MARK:]
        *whole, self._partial = (self._partial + read).split(b"\n")
        self._partial = self._partial[:LONGEST]
        lines += (line[:LONGEST] for line in whole)
        return lost

    def _finish(self, lines: list[bytes]) -> None:
        """Nobody writes to the old file any more: what stands there without an end of line is a line."""
        if self._partial:
            lines.append(self._partial)
        self.close()

    def _truncated(self) -> str:
        """Starts again where the file was emptied, also where it has grown past our place since."""
        assert self._file is not None
        size, before = os.fstat(self._file).st_size, len(self._mark)
        if size >= self._at and os.pread(self._file, before, self._at - before) == self._mark:
            return ""
        self._at, self._mark, self._partial = 0, b"", b""
        return f"{self.shown} was truncated"

    def _rotated(self) -> bool:
        """Whether another file, or none, has its name now."""
        assert self._file is not None
        ours = os.fstat(self._file)
        try:
            now = Path(self.path).stat()
        except OSError:
            return True
        return (ours.st_dev, ours.st_ino) != (now.st_dev, now.st_ino)

    def _fault(self, error: OSError) -> SourceError:
        if isinstance(error, FileNotFoundError):
            return SourceError("missing", f"{self.shown}: there is no such file", "see `paths`; it is looked for again")
        if isinstance(error, PermissionError):
            return SourceError("denied", f"{self.shown}: may not be read", "as which user does the console run?")
        return SourceError("error", f"{self.shown}: {error.strerror}", "see `paths`")
