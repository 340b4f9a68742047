"""A libpq connection string taken apart: for programs as their environment, for messages as host, port and name."""

from __future__ import annotations

import os
from typing import Any

from services.database_address import verified
from services.errors import ActionError


def environment(dsn: str, application: str) -> dict[str, str]:
    """What a PostgreSQL program needs to reach that database. Never an argument: those can be read by everybody.

    Without a DSN's own word, another machine's certificate is checked, as the console's own connections do it.
    """
    from psycopg import pq

    params = parts(dsn)
    params |= {"application_name": application, **verified(params)}
    names = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    ours = {name: os.environ[name] for name in _variables() if name in os.environ}
    return ours | {found.decode(): str(value) for key, value in params.items() if (found := names.get(key))}


def parts(dsn: str) -> dict[str, Any]:
    """ActionError, without a word of what stands in it."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return dict(conninfo_to_dict(dsn))
    except ProgrammingError:
        raise ActionError(
            "the dsn is not a libpq connection string",
            "write it as host=... port=... dbname=... user=..., or postgresql://user@host:port/dbname",
        ) from None


def renamed(dsn: str, dbname: str) -> str:
    """The same server, another database."""
    from psycopg.conninfo import make_conninfo

    return make_conninfo(**{**parts(dsn), "dbname": dbname})


def _variables() -> list[str]:
    from psycopg import pq

    return [option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar]
