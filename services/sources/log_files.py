"""Several files followed together, those of a glob among them as they come and go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.errors import SourceError
from services.sources.globbed import has_wildcard, matching
from services.sources.log_file import LogFile
from services.text import safe

MOST = 50  # files


class LogFiles:
    """Blocking: to be called in a thread."""

    def __init__(self, paths: Sequence[str], max_bytes: int) -> None:
        self._paths = paths
        self._max_bytes = max_bytes
        self._files: dict[str, LogFile] = {}

    def read(self) -> tuple[list[tuple[str, bytes]], int, str]:
        """The new lines, each with its file's name; the bytes lost; a note. SourceError when no file can be read."""
        named = self._named()
        for path in self._files.keys() - set(named):
            self._files.pop(path).close()
        lines: list[tuple[str, bytes]] = []
        lost, notes, faults = 0, [], []
        for path, name in named.items():
            file = self._files.setdefault(path, LogFile(path))
            try:
                grown = file.read(max(4_096, self._max_bytes // len(named)))
            except SourceError as fault:
                faults.append(fault)
                continue
            lines += ((name, line) for line in grown.lines)
            lost += grown.lost
            notes += [grown.note] if grown.note else []
        if len(faults) == len(named):
            raise faults[0]
        return lines, lost, "; ".join([*notes, *(fault.message for fault in faults)])

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _named(self) -> dict[str, str]:
        """Path -> the name it is told by, which is its last part where that is enough. What was written to last comes
        last, and stays where there are too many: its lines are the newest."""
        paths = [
            path
            for each in self._paths
            for path in (sorted(map(str, matching(each))) if has_wildcard(each) else [each])
        ]
        if not paths:
            shown = safe(", ".join(self._paths), 200)
            raise SourceError("missing", f"{shown}: no file matches", "see `paths`; it is looked for again")
        paths = sorted(dict.fromkeys(paths), key=_written_at)[-MOST:]
        last = [path.rpartition("/")[2] for path in paths]
        return {path: name if last.count(name) == 1 else path for path, name in zip(paths, last, strict=True)}


def _written_at(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0  # gone, or not to be looked at: reading it will say so
