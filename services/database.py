"""One database as the console reads it: few connections, read-only, reconnecting for ever, never waited for too long.

A query on a link that has gone silent cannot be cancelled politely: the cancel request would hang as well. So a read
runs in a task of its own; at the deadline its socket is shut down under it, and the task is left to end by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from services.clock import Clock
from services.database_address import Address
from services.database_faults import explain
from services.errors import SourceError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

Row: TypeAlias = dict[str, Any]
Params: TypeAlias = Mapping[str, Any] | Sequence[Any] | None
Statement: TypeAlias = tuple[str, Params]
Lane = Literal["poll", "browse"]

# With one more for actions, which run in a child process, a console has at most four connections; while a VACUUM or
# the like runs for longer than a moment, a fifth tells how far it is.
LANES: Mapping[Lane, int] = {"poll": 2, "browse": 1}


@dataclass
class _Lane:
    turns: asyncio.Semaphore
    idle: list[AsyncConnection[Row]] = field(default_factory=list)


@dataclass(eq=False)
class _Read:
    """One batch under way, and the connection it is on, as soon as there is one."""

    lane: _Lane
    statements: Sequence[Statement]
    limit_s: float | None  # set as the statement timeout of this batch; None: the session's holds
    task: asyncio.Task[list[list[Row]]] | None = None
    connection: AsyncConnection[Row] | None = None
    abandoned: bool = False

    def abandon(self) -> None:
        """Without waiting: shuts the socket down, upon which the driver sees the end of the link."""
        self.abandoned = True
        if self.connection is not None and not self.connection.closed:
            # a copy of the descriptor: closing the copy leaves the driver's own alone
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)
        elif self.task is not None:
            self.task.cancel()  # still connecting: the driver gives up at once


class Database:
    """`rows` and `batch` read; SourceError says what went wrong and what to do. Belongs to one event loop."""

    def __init__(
        self,
        dsn: str,
        name: str,
        clock: Clock,
        *,
        pooler: bool = False,
        console: bool = False,
        timeout: float = 3.0,
        who: str = "?",
    ) -> None:
        """`pooler`: through PgBouncer. `console`: to its own console, which knows neither settings nor transactions."""
        self.name = name
        self.timeout = timeout
        self._clock = clock
        self._pooler = pooler
        self._console = console
        self._address = Address(dsn, name, timeout=timeout, pooler=pooler or console, application=f"watchdeck/{who}")
        self._lanes = {lane: _Lane(asyncio.Semaphore(size)) for lane, size in LANES.items()}
        self._reads: set[_Read] = set()  # under way, and abandoned ones until they end
        self._closed = False

    @property
    def label(self) -> str:
        """host:port/dbname, or the source's name as long as the address has not been read."""
        return self._address.label

    @property
    def user(self) -> str:
        return self._address.user

    async def rows(
        self, sql: str, params: Params = None, *, timeout: float | None = None, lane: Lane = "poll"
    ) -> list[Row]:
        """The rows of one statement."""
        return (await self.batch([(sql, params)], timeout=timeout, lane=lane))[0]

    async def batch(
        self, statements: Sequence[Statement], *, timeout: float | None = None, lane: Lane = "poll"
    ) -> list[list[Row]]:
        """The rows of each statement, in one round trip and by one now(); the first failure is raised.

        A `timeout` other than the database's own is also set as the server's statement timeout for this batch.
        """
        wanted = self.timeout if timeout is None else timeout
        deadline = self._clock.mono() + wanted
        limit = wanted if self._pooler or wanted != self.timeout else None
        async with self._turn(self._lanes[lane], deadline):
            return await self._within(deadline, _Read(self._lanes[lane], statements, limit))

    async def close(self) -> None:
        """Closes what is idle and cuts off what is under way."""
        self._closed = True
        for lane in self._lanes.values():
            while lane.idle:
                await lane.idle.pop().close()
        for read in self._reads:
            read.abandon()
        if tasks := [read.task for read in self._reads if read.task]:
            await asyncio.wait(tasks, timeout=1.0)

    # ---- waiting, never longer than the deadline

    @contextlib.asynccontextmanager
    async def _turn(self, lane: _Lane, deadline: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock.mono())):
                await lane.turns.acquire()
        except TimeoutError:
            raise self._late("waiting for other reads of this database") from None
        try:
            yield
        finally:
            lane.turns.release()

    async def _within(self, deadline: float, read: _Read) -> list[list[Row]]:
        read.task = task = asyncio.ensure_future(self._run(read))
        self._reads.add(read)
        task.add_done_callback(lambda done: self._ended(read, done))
        try:
            await asyncio.wait({task}, timeout=max(0.0, deadline - self._clock.mono()))
        finally:
            if not task.done():
                read.abandon()
        if not task.done() or task.cancelled():
            raise self._late("waiting for the answer" if read.connection else "connecting")
        if error := task.exception():
            raise explain(error, self.label, self.user) from None
        return task.result()

    def _late(self, doing: str) -> SourceError:
        return SourceError(
            "timeout",
            f"{self.label}: no answer in time while {doing}",
            "the link or the server is stalled; it is tried again by itself",
        )

    def _ended(self, read: _Read, task: asyncio.Task[list[list[Row]]]) -> None:
        self._reads.discard(read)
        # A task that was cancelled holds on to its frames: with a way back to it, the half-open link stays until the
        # collector comes by, and the server keeps a place for it meanwhile.
        read.task = None
        if not task.cancelled():
            task.exception()  # an abandoned read's: nobody else asks for it

    # ---- one read, in its own task

    async def _run(self, read: _Read) -> list[list[Row]]:
        """On an idle connection if one is alive: a restart of the server in between is no failure."""
        while read.lane.idle:
            read.connection = read.lane.idle.pop()
            try:
                return await self._ask(read, read.connection)
            except Exception:
                if not read.connection.closed or read.abandoned:
                    raise
        read.connection = None
        read.connection = await self._address.connect()
        return await self._ask(read, read.connection)

    async def _ask(self, read: _Read, connection: AsyncConnection[Row]) -> list[list[Row]]:
        try:
            if self._console:
                return [await (await connection.execute(*_plain(one))).fetchall() for one in read.statements]
            return await _answers(connection, read.statements, read.limit_s)
        except Exception as error:
            if str(getattr(error, "sqlstate", None)).startswith("57P"):
                await connection.close()  # the server has said goodbye; the driver has not noticed yet
            raise
        finally:
            if self._closed or read.abandoned:
                await connection.close()
            elif not connection.closed:
                read.lane.idle.append(connection)


async def _answers(
    connection: AsyncConnection[Row], statements: Sequence[Statement], limit_s: float | None
) -> list[list[Row]]:
    if len(statements) == 1 and limit_s is None:
        return [await (await connection.execute(*_plain(statements[0]))).fetchall()]
    try:
        async with connection.pipeline():
            if limit_s is not None:
                # through a pooler no setting may outlive the transaction
                await connection.execute("BEGIN READ ONLY")
                await connection.execute(f"SET LOCAL statement_timeout = {round(limit_s * 1000)}")
            cursors = [await connection.execute(*_plain(one)) for one in statements]
            answers = [await cursor.fetchall() for cursor in cursors]
            if limit_s is not None:
                await connection.execute("COMMIT")
        return answers
    except Exception:
        if not connection.closed:
            await connection.rollback()
        raise


def _plain(statement: Statement) -> tuple[Any, Params]:
    """The driver wants literal SQL types; ours is put together from a mapping that was validated before."""
    return statement[0], statement[1]
