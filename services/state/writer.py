"""The thread that writes: nothing on the event loop waits for a disk. One console per file writes how things stand."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from services.state.schema import pruned

BATCH_S = 0.1  # what is written within it goes in one transaction; a kill loses no more
LOOK_S = 1.0  # how often it is looked whether another console wrote something
PRUNE_S = 3600.0
WAITING = 20_000  # statements; a disk that hangs must not fill the memory


class Write(NamedTuple):
    sql: str
    rows: Sequence[Sequence[object]]
    shared: bool = False  # what people say is written by every console, not only by the one that keeps the file


class Keeper:
    """The lock that says which console keeps the file; the system takes it back when its process ends."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.holds = False

    def take(self) -> bool:
        if not self.holds:
            with suppress(BlockingIOError):
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.holds = True
        return self.holds

    def close(self) -> None:
        os.close(self._descriptor)


class Writer:
    """`look` is called in the thread about once a second: whether the file was given up to this console, and whether
    another one has written."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        keeper: Keeper,
        look: Callable[[sqlite3.Connection, bool, bool], None],
        failed: Callable[[str], None],
        wall: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._keeper = keeper
        self._look = look
        self._failed = failed
        self._wall = wall
        self._queue: SimpleQueue[Write] = SimpleQueue()
        self._ending = threading.Event()
        self._version = self._data_version()
        self._pruned_at = -PRUNE_S
        self._thread = threading.Thread(target=self._run, name="state", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, write: Write) -> None:
        """Soon, in the order in which they come. Without the file, only what people said."""
        if (write.shared or self._keeper.holds) and self._queue.qsize() < WAITING:
            self._queue.put(write)

    def close(self, within_s: float) -> None:
        """With everything written, if the disk allows it in that time."""
        self._ending.set()
        if self._thread.is_alive():
            self._queue.put(Write("", ()))
            self._thread.join(within_s)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                self._turn()
            self._write(self._waiting())
        finally:
            self._connection.close()
            self._keeper.close()

    def _turn(self) -> None:
        with suppress(Empty):
            first = self._queue.get(timeout=LOOK_S)
            self._ending.wait(BATCH_S)
            self._write([first, *self._waiting()])
        try:
            took_over = not self._keeper.holds and self._keeper.take()
            before, self._version = self._version, self._data_version()
            self._look(self._connection, took_over, self._version != before)
            self._prune()
        except (OSError, sqlite3.Error) as error:  # a lock on a network's disk fails in its own way
            self._give_up(error)

    def _waiting(self) -> list[Write]:
        found = []
        with suppress(Empty):
            while True:
                found.append(self._queue.get_nowait())
        return found

    def _write(self, writes: list[Write]) -> None:
        """All at once. What cannot be written does not keep the rest from it."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for write in writes:
                self._write_one(write)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Of what was begun, or nothing could ever be begun again."""
        with suppress(sqlite3.Error):
            self._connection.rollback()
        self._failed(str(error))

    def _write_one(self, write: Write) -> None:
        try:
            if write.sql:
                self._connection.executemany(write.sql, write.rows)
        except sqlite3.Error as error:
            self._failed(str(error))

    def _prune(self) -> None:
        wall = self._wall()
        if self._keeper.holds and abs(wall - self._pruned_at) > PRUNE_S:
            self._pruned_at = wall
            pruned(self._connection, wall)

    def _data_version(self) -> int:
        """It changes when another connection has written."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)
