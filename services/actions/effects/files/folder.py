"""A folder of this machine and the files below it, reached by descriptors alone: whatever is put in its place, or in
the place of a folder below it, is not followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.errors import ActionError
from services.text import safe

MOST = 100_000  # entries looked at
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class File:
    """`name` is the way to it from the folder. `seen` tells this very file in this very state from any other."""

    name: str
    size: int
    modified: float
    seen: dict[str, str | None]

    @classmethod
    def of(cls, name: str, told: os.stat_result) -> File:
        state = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
        names = ("device", "inode", "size", "modified", "changed")
        return cls(name, told.st_size, told.st_mtime, dict(zip(names, map(str, state), strict=True)))


class Folder:
    """An open one. Blocking: to be used in a thread."""

    def __init__(self, path: str) -> None:
        """ActionError when it is not there, or is no folder of its own."""
        self.shown = safe(path, 200)
        try:
            self._root = os.open(path, _FOLDER)
        except OSError as error:
            raise ActionError(
                f"{self.shown}: {error.strerror}", "`directory` names the folder itself, not a symlink to it"
            ) from error
        self._told = os.fstat(self._root)

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._root)

    @property
    def identity(self) -> str:
        """Another folder of the same path has another one."""
        return f"{self._told.st_dev}:{self._told.st_ino}"

    def free(self) -> int:
        """Bytes, as df has it."""
        told = os.fstatvfs(self._root)
        return told.f_bavail * told.f_frsize

    def files(self, fits: Callable[[str], bool], depth: int) -> tuple[list[File], list[str]]:
        """The regular files whose last name fits; and what fits as well and is none, in words. ActionError when there
        are too many to tell which are the newest."""
        found: list[File] = []
        odd: list[str] = []
        looked = 0
        for name, told in self._walk(self._root, "", depth):
            looked += 1
            if looked > MOST:
                raise ActionError(f"{self.shown}: more than {MOST:,} entries", "clean it by hand, or by less `depth`")
            if not fits(name.rpartition("/")[2]):
                continue
            if safe(name, 1000) != name:
                odd.append(f"{safe(name, 80)} has a name that cannot be typed")
            elif not stat.S_ISREG(told.st_mode):
                odd.append(f"{name} is no regular file")
            elif told.st_nlink > 1:
                odd.append(f"{name} has {told.st_nlink - 1} other name(s): deleting this one frees nothing")
            else:
                found.append(File.of(name, told))
        return found, odd

    def _walk(self, folder: int, before: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
        for last in names:
            with contextlib.suppress(OSError):  # it went meanwhile, or may not be entered
                told = os.stat(last, dir_fd=folder, follow_symlinks=False)
                if not stat.S_ISDIR(told.st_mode):
                    yield f"{before}{last}", told
                elif depth > 1:
                    with self._below(folder, last) as inner:
                        yield from self._walk(inner, f"{before}{last}/", depth - 1)

    def now(self, name: str) -> File | None:
        """As it is now, whatever it is; None when there is nothing of that name, or the way there is another."""
        try:
            with self._holding(name) as (folder, last):
                return File.of(name, os.stat(last, dir_fd=folder, follow_symlinks=False))
        except OSError:
            return None

    def remove(self, file: File) -> None:
        """FileNotFoundError when it is gone, Changed when it is no longer as it was seen, OSError otherwise."""
        with self._holding(file.name) as (folder, last):
            told = os.stat(last, dir_fd=folder, follow_symlinks=False)
            if File.of(file.name, told) != file or not stat.S_ISREG(told.st_mode):
                raise Changed
            os.unlink(last, dir_fd=folder)

    @contextlib.contextmanager
    def _holding(self, name: str) -> Iterator[tuple[int, str]]:
        """The folder that the file is in, opened step by step, and the file's last name."""
        *folders, last = name.split("/")
        with contextlib.ExitStack() as opened:
            at = self._root
            for part in folders:
                at = opened.enter_context(self._below(at, part))
            yield at, last

    @contextlib.contextmanager
    def _below(self, folder: int, name: str) -> Iterator[int]:
        if name in ("", ".", ".."):
            raise OSError(0, "is no name")
        found = os.open(name, _FOLDER, dir_fd=folder)
        try:
            if os.fstat(found).st_dev != self._told.st_dev:
                raise OSError(0, "is on another file system")
            yield found
        finally:
            os.close(found)


class Changed(Exception):
    """It is no longer the file that was seen."""
