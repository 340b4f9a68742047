"""The state of the watch beyond its process: read once, written by a thread, and gone on without if need be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from services.rules.past import Span
from services.state import kept
from services.state.file import hours_since, sound, spans
from services.state.saved import Said, Saved, load, load_said
from services.state.spans import HOUR_S, Spans
from services.state.writer import Keeper, Write, Writer

END_S = 0.4  # the last writes are given this long
SUMMED_S = 120.0  # after its end, an hour's mean is in the file


class State:
    """`open`, `spans` and `close` wait for the disk and belong into a thread; nothing else waits.

    Only one console on a machine keeps the file and notifies; what people say is written by each, and heard by all.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """One that keeps nothing, for who wants none."""
        self.saved = Saved()
        self.problem = ""  # why something will not outlive the console, or has not
        self.elsewhere = ""  # that another console keeps the file
        self._wall = wall
        self._path: Path | None = None
        self._writer: Writer | None = None
        self._keeper: Keeper | None = None
        self._spans = Spans()
        self._news: Said | None = None
        self._left: Saved | None = None
        self._hours: list[Span] = []
        self._learned = 0  # up to which hour
        self._delivered: set[tuple[str, str]] = set()

    @classmethod
    def open(cls, path: Path, wall: Callable[[], float] = time.time) -> State:
        """What is at the path, or a new one. Whatever goes wrong is told by `problem`, and nothing is raised."""
        state = cls(wall)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            state._open(path)
        except (OSError, sqlite3.Error) as error:
            state.problem = f"{path}: {error}: alerts will not outlive this console"
        return state

    def _open(self, path: Path) -> None:
        keeper = Keeper(path.with_suffix(".lock"))
        if not keeper.take():
            self.elsewhere = "another console on this machine keeps the alerts and notifies"
        try:
            connection, self.problem = sound(path, keeper.holds, self._wall())
            path.chmod(0o600)
            self.saved = load(connection, self._wall())
        except (OSError, sqlite3.Error):
            keeper.close()
            raise
        self._delivered = set(self.saved.delivered)
        self._path, self._keeper = path, keeper
        self._writer = Writer(connection, keeper, self._look, self._failed, self._wall)
        self._writer.start()

    def spans(self) -> tuple[list[Span], list[Span]]:
        """The figures of the last day by minutes, and of the last weeks by hours, oldest first."""
        if self._path is None:
            return [], []
        self._learned = int((self._wall() - SUMMED_S) // HOUR_S) * HOUR_S
        return spans(self._path, self._learned)

    def close(self) -> None:
        self.keep(*self._spans.end())
        if self._writer:
            self._writer.close(END_S)

    @property
    def keeps(self) -> bool:
        """Whether this console is the one that keeps the file and notifies."""
        return self._keeper is None or self._keeper.holds

    def keep(self, *writes: Write) -> None:
        for write in writes:
            if self._writer and write.rows:
                self._writer.put(write)

    def keep_figures(self, source: str, figures: Mapping[str, float | None], at: float, spell: bool) -> None:
        self.keep(*self._spans.take(source, figures, at, spell))

    # -- deliveries, as the courier asks for them --------------------------------------------------------------------

    def known(self, notice: str, channel: str) -> bool:
        return (notice, channel) in self._delivered

    def mark(self, notice: str, channel: str) -> None:
        self._delivered.add((notice, channel))
        self.keep(kept.delivery(notice, channel, self._wall()))

    # -- what another console on this machine says or leaves ---------------------------------------------------------

    def news(self) -> Said | None:
        """What people say, when that has changed."""
        news, self._news = self._news, None
        return news

    def left(self) -> Saved | None:
        """What the console left that kept the file until now; once."""
        left, self._left = self._left, None
        return left

    def hours(self) -> list[Span]:
        """Those that have ended since they were last asked for."""
        hours, self._hours = self._hours, []
        return hours

    def _look(self, connection: sqlite3.Connection, took_over: bool, written: bool) -> None:
        """In the writer's thread."""
        if took_over:
            left = load(connection, self._wall())
            self._delivered |= left.delivered
            self._left, self.elsewhere = left, ""
        if took_over or written:
            self._news = load_said(connection)
        over = int((self._wall() - SUMMED_S) // HOUR_S) * HOUR_S
        if over > self._learned:
            self._hours += hours_since(connection, self._learned, over)
            self._learned = over

    def _failed(self, message: str) -> None:
        self.problem = f"{self._path}: {message}: what happens now may not outlive this console"
