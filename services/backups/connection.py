"""Connections that may take their time: for a snapshot that is held, tables that are read whole, a scratch database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from services import libpq
from services.database_address import verified
from services.errors import SourceError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[dict[str, Any]]

CONNECT_S = 5.0
# How a row reads as text must not depend on the server, the role or the database: two of them are compared.
PLAIN = """
SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET statement_timeout = 0; SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = 0
"""


@contextlib.asynccontextmanager
async def connected(dsn: str, application: str = "watchdeck/backup") -> AsyncIterator[Connection]:
    """In autocommit, until the end of the block. SourceError when it cannot be had, or what goes wrong in it."""
    await asyncio.to_thread(import_module, "psycopg")
    from psycopg import AsyncConnection, Error
    from psycopg.rows import dict_row

    from services.database_faults import explain

    params = libpq.parts(dsn)
    where, user = label(params), str(params.get("user") or "")
    params |= {"application_name": application, "connect_timeout": round(CONNECT_S), **verified(params)}
    params |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    try:
        async with asyncio.timeout(2 * CONNECT_S):
            connection = await AsyncConnection.connect(
                **params, autocommit=True, prepare_threshold=None, row_factory=dict_row
            )
    except TimeoutError:
        raise SourceError("timeout", f"{where}: no answer within {2 * CONNECT_S:.0f} s while connecting") from None
    except Error as error:
        raise explain(error, where, user) from error
    try:
        yield connection
    except Error as error:
        raise explain(error, where, user) from error
    finally:
        await connection.close()


def label(params: dict[str, Any]) -> str:
    """host:port/dbname, without a name or a password."""
    host, port = params.get("host") or params.get("service") or "local socket", params.get("port") or "5432"
    return f"{host}:{port}/{params.get('dbname') or params.get('user') or ''}"


async def rows(connection: Connection, sql: str, params: Any = None) -> list[dict[str, Any]]:
    cursor = await connection.execute(sql, params)
    return await cursor.fetchall() if cursor.description else []
