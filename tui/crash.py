"""The note of what went wrong: where and of which kind, never with a variable's value or a message that quotes data."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

MOST_NOTES = 20  # of one run: a fault that comes back differently each time does not fill the disk


class Notes:
    """One note for each different fault of this run: what fails every second is not written every second."""

    def __init__(self, write: Callable[[str], str] | None = None) -> None:
        self._write = write or write_note
        self._known: dict[str, str] = {}

    def of(self, error: BaseException) -> str:
        """Where the note is, in words."""
        text = short_traceback(error)
        if text not in self._known:
            if len(self._known) >= MOST_NOTES:
                return "no more notes are written"
            self._known[text] = self._write(text)
        return self._known[text]


def tell_crash(error: BaseException) -> None:
    """One line on stderr names the error's kind and its note."""
    print(f"watchdeck: crashed: {type(error).__name__}; {write_note(short_traceback(error))}", file=sys.stderr)


def write_note(text: str) -> str:
    """Keeps the text in a file of the user's own. Where that is, in words, or why it could not be."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{time.time_ns() % 10**6:06d}.txt"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as out:
            out.write(text)
    except OSError as problem:
        return f"details could not be written: {problem.strerror}"
    return f"details in {file}"


def short_traceback(error: BaseException) -> str:
    """File, line and function of every frame, and the kinds of error. Messages may quote data, so they stay out."""
    parts = []
    at: BaseException | None = error
    while at is not None:
        parts.append("".join(_frames(at.__traceback__)) + f"{type(at).__qualname__}\n")
        at = at.__cause__ or at.__context__
    return "caused by\n".join(parts)


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"  {f.filename}:{f.lineno} in {f.name}\n" for f in traceback.extract_tb(trace)]


def _folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("watchdeck"))
