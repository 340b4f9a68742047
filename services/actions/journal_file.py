"""One append-only file of JSON lines that a crash, a full disk or a second writer cannot spoil."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from services.errors import ActionError

PATIENCE_S = 5.0
_REMEDY = "nothing was changed: an action that cannot be recorded is not done"


class JournalFile:
    """0600 in folders of 0700; appended under a lock, in full, and on the disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def locked(self) -> Iterator[int]:
        """The descriptor of the file, ours alone, with whole lines only. ActionError when it cannot be had."""
        try:
            self._folders()
            descriptor = self._open(os.O_RDWR | os.O_APPEND | os.O_CREAT)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._lock(descriptor)
            self._set_torn_line_aside(descriptor)
            yield descriptor
        except OSError as error:
            raise self._refused(error) from error
        finally:
            os.close(descriptor)

    def append(self, descriptor: int, line: bytes) -> None:
        """All of it or nothing: what a full disk cut short is taken back."""
        end = os.fstat(descriptor).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, end)
            raise

    def read(self) -> bytes:
        """What is there now; a last line that is still being written, or torn, has no newline."""
        try:
            descriptor = self._open(os.O_RDONLY)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise ActionError(f"{self.path}: cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def last_line(self, descriptor: int) -> bytes:
        """The last whole line, without reading the file from its beginning."""
        end = os.fstat(descriptor).st_size
        tail = b""
        while end > 0 and tail.rstrip(b"\n").count(b"\n") < 1:
            start = max(0, end - 65536)
            tail = os.pread(descriptor, end - start, start) + tail
            end = start
        return tail.rstrip(b"\n").rpartition(b"\n")[2]

    def _refused(self, error: OSError) -> ActionError:
        return ActionError(f"{self.path}: the action cannot be recorded: {error.strerror or error}", _REMEDY)

    def _folders(self) -> None:
        folder = self.path.parent
        for each in (folder.parent, folder):
            if not each.exists():
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync_folder(each.parent)
            found = each.stat(follow_symlinks=False)
            if not stat.S_ISDIR(found.st_mode):
                raise OSError(0, f"{each} is not a folder")
            if found.st_uid != os.geteuid():
                raise OSError(0, f"{each} belongs to somebody else")
            if found.st_mode & 0o077:
                each.chmod(0o700)

    def _open(self, flags: int) -> int:
        existed = self.path.exists()
        # a symlink would let somebody else choose what is written to, and a pipe would be waited for
        descriptor = os.open(self.path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink > 1:
            os.close(descriptor)
            raise OSError(0, "not a file of our own")
        if found.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
        if not existed:
            _sync_folder(self.path.parent)
        return descriptor

    def _lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise OSError(0, "another process holds its lock") from None
                time.sleep(0.01)

    def _set_torn_line_aside(self, descriptor: int) -> None:
        """A writer died in the middle of a line: what it wrote is kept in a file beside, then taken off here."""
        size = os.fstat(descriptor).st_size
        if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
            return
        whole = self.read().rpartition(b"\n")
        beside = os.open(
            self.path.with_suffix(".torn"),
            os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
            0o600,
        )
        try:
            self.append(beside, whole[2] + b"\n")
        finally:
            os.close(beside)
        os.ftruncate(descriptor, len(whole[0]) + len(whole[1]))
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
