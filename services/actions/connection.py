"""The action's own database connection: writable, on the primary, with deadlines of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from services.database_address import Address
from services.errors import SourceError
from services.profile import PostgresSource, Profile

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.errors import Diagnostic

T = TypeVar("T")

CONNECT_S = 5.0
STATEMENT_S = 3.0  # the server gives up: no row lock of ours is ever held for longer
CANCEL_S = 3.2  # a commit that waits for a standby holds its locks, and no setting bounds that: it is told to go on
REPLY_S = 10.0  # and this is when we stop waiting


class Lost(Exception):
    """The reply did not come: what was asked may have happened or not."""


def database_named(profile: Profile, name: str) -> PostgresSource:
    found = profile.sources[name]
    assert isinstance(found, PostgresSource)  # or the profile would not have been valid
    return found


class ActionConnection:
    """`rows` reads and acts. psycopg.Error is the server's word; Lost, that there was none."""

    def __init__(self, source: PostgresSource) -> None:
        self._address = Address(
            source.action_dsn or source.dsn,
            source.title or "the database",
            timeout=STATEMENT_S,
            pooler=source.pooler,  # then the limits belong to the role: `roles --sql` says how
            application="watchdeck/act",
            writable=True,
        )
        self._connection: AsyncConnection[dict[str, Any]] | None = None
        self.warnings: list[str] = []  # what the server remarked: a commit that was not replicated

    async def __aenter__(self) -> ActionConnection:
        """SourceError when there is no connection to be had: nothing has been asked yet."""
        from services.database_faults import explain

        address = self._address
        try:
            self._connection = await asyncio.wait_for(address.connect(), CONNECT_S)
        except TimeoutError:
            raise SourceError(
                "timeout", f"{address.label}: no answer within {CONNECT_S:.0f} s while connecting"
            ) from None
        except Exception as error:  # whatever the driver raises: it becomes one line and a remedy
            raise explain(error, address.label, address.user) from error
        self._connection.add_notice_handler(self._remember)
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def rows(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        return await self._within(REPLY_S, self._ask(sql, params))

    async def _ask(self, sql: str, params: Any) -> list[dict[str, Any]]:
        assert self._connection is not None
        cursor = await self._connection.execute(sql, params)
        return await cursor.fetchall()

    @property
    def pid(self) -> int:
        """Of its process at the server."""
        assert self._connection is not None
        return self._connection.info.backend_pid

    async def long(self, sql: str, seconds: float, lock_s: float, stop: asyncio.Event) -> None:
        """One statement without rows that may take its time, until `stop`; 0 s of waiting for a lock is for ever."""
        limits = f"SET statement_timeout = {round(seconds * 1000)}; SET lock_timeout = {round(lock_s * 1000)}"
        try:
            await self._within(REPLY_S, self._tell(limits))
            await self._stoppable(seconds + REPLY_S, self._tell(sql), stop)
        finally:
            with contextlib.suppress(Exception):  # where the link is gone, there is nothing to restore
                await self._within(REPLY_S, self._tell("RESET statement_timeout; RESET lock_timeout"))

    async def _tell(self, sql: str) -> None:
        assert self._connection is not None
        await self._connection.execute(sql)

    async def _stoppable(self, seconds: float, asking: Coroutine[Any, Any, T], stop: asyncio.Event) -> T:
        task, stopped = asyncio.ensure_future(asking), asyncio.ensure_future(stop.wait())
        await asyncio.wait({task, stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not task.done():
            await self._cancel()
            await asyncio.wait({task}, timeout=REPLY_S)
        return await self._ended(task, seconds)

    async def _within(self, seconds: float, asking: Coroutine[Any, Any, T]) -> T:
        """Never awaits the driver beyond the deadline: cancelling a query on a dead link does not return."""
        task = asyncio.ensure_future(asking)
        done, _ = await asyncio.wait({task}, timeout=min(CANCEL_S, seconds))
        if not done:
            cancelling = asyncio.ensure_future(self._cancel())
            await asyncio.wait({task}, timeout=seconds - min(CANCEL_S, seconds))
            cancelling.cancel()
        return await self._ended(task, seconds)

    async def _ended(self, task: asyncio.Future[T], seconds: float) -> T:
        """What it brought; Lost when it has brought nothing, and its link is cut."""
        if not task.done():
            self._cut()
            await asyncio.wait({task}, timeout=1.0)
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise Lost(f"no reply within {seconds:.0f} s")
        try:
            return task.result()
        except Exception as error:
            if _says_nothing(error):
                raise Lost(f"the connection was lost: {' '.join(str(error).split())}") from error
            raise

    async def _cancel(self) -> None:
        """Asks the server to come to an end: of a statement it undoes everything, of a commit it only stops waiting."""
        if self._connection is not None:
            with contextlib.suppress(Exception):  # on a dead link this cannot arrive either
                await self._connection.cancel_safe(timeout=2.0)

    def _cut(self) -> None:
        """Shuts the socket down under the driver; its own descriptor stays its own."""
        if self._connection is not None and not self._connection.closed:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)

    def _remember(self, notice: Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING" and notice.message_primary:
            self.warnings.append(notice.message_primary)


def _says_nothing(error: Exception) -> bool:
    """Whether the error leaves open what the server did: it carries no SQLSTATE, or one of a link going down."""
    from psycopg import Error

    if not isinstance(error, Error):
        return True
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
