"""What the driver says, in words for an operator: what happened, where, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.errors import SourceError
from services.readings import FaultKind
from services.text import safe

if TYPE_CHECKING:
    import psycopg

# Failing to connect carries no SQLSTATE, only libpq's text: (what it contains, kind, what happened, remedy).
_CONNECTING: tuple[tuple[str, FaultKind, str, str], ...] = (
    ("connection refused", "unreachable", "connection refused", "is the server running, and is the port right?"),
    (
        "password authentication failed",
        "denied",
        "the password for user {user} was refused",
        "put the right one into ~/.pgpass, a service file or $PGPASSWORD",
    ),
    (
        "no password supplied",
        "denied",
        "no password is known for user {user}",
        "put it into ~/.pgpass (mode 0600), a service file or $PGPASSWORD",
    ),
    ("no pg_hba.conf entry", "denied", "pg_hba.conf lets user {user} in from here in no way", "add a line for it"),
    ("not allowed", "denied", "PgBouncer lets user {user} not into its console", "add it to its stats_users"),
    ("too many", "limit", "the server has no connection left", "raise max_connections, or end idle sessions"),
    ("slots are reserved", "limit", "the server has no connection left", "raise max_connections, or end idle sessions"),
    ("starting up", "unreachable", "the server is starting up", "it is tried again by itself"),
    ("shutting down", "unreachable", "the server is shutting down", "it is tried again by itself"),
    ("certificate", "config", "the server's certificate was not accepted", "set sslrootcert or sslmode in the dsn"),
    ("ssl", "config", "the server does not speak TLS as asked", "set sslmode in the dsn"),
    ("name or service not known", "unreachable", "the host name is not known", "check host in the dsn"),
    ("name resolution", "unreachable", "the host name could not be looked up", "check DNS, and host in the dsn"),
    ("failed to resolve", "unreachable", "the host name could not be looked up", "check DNS, and host in the dsn"),
    ("timeout expired", "timeout", "no answer in time while connecting", "the link or the server is stalled"),
    ("timed out", "timeout", "no answer in time while connecting", "the link or the server is stalled"),
)
_TRANSIENT = "it is tried again by itself"
# SQLSTATE -> kind and remedy, by the whole code, then by its class; the server's own message says what happened.
_STATES: dict[str, tuple[FaultKind, str]] = {
    "42P01": ("missing", "check the table's name in the mapping, and the search path of user {user}"),
    "42703": ("missing", "check the column's name in the mapping"),
    "42883": ("missing", "check the function's name in the mapping, and its arguments' types"),
    "3F000": ("missing", "check the schema's name in the mapping"),
    "57014": ("timeout", "the query takes too long: `watchdeck doctor` names the index that is missing"),
    "55P03": ("timeout", "somebody holds a lock on the table: see the Database view"),
    "25006": ("denied", "the console's own connection only reads"),
    "28P01": ("denied", "put the right password into ~/.pgpass, a service file or $PGPASSWORD"),
    "53300": ("limit", "raise max_connections, or end idle sessions"),
    "53": ("limit", "the server is short of memory, disk or connections: see its log"),
    "57P": ("unreachable", _TRANSIENT),
    "08": ("unreachable", _TRANSIENT),
    "42": ("config", "the mapping's SQL does not fit this database"),
    "22": ("config", "a value in the table does not fit the mapping's expression"),
}
_DENIED = re.compile(r"permission denied for (?P<what>[a-z ]+?) (?P<name>\S+)")
_UNKNOWN_NAME = re.compile(r'(?P<what>database|role) "(?P<name>[^"]+)" does not exist')


def explain(error: BaseException, where: str, user: str) -> SourceError:
    """Any error of the driver as a SourceError; one that is already is stays as it is."""
    if isinstance(error, SourceError):
        return error
    from psycopg import Error

    if not isinstance(error, Error):
        return SourceError("error", f"{where}: {safe(error, 300)}")
    if error.sqlstate is None:
        return _connection(safe(error, 600), where, user)
    return _statement(error, where, user)


def _connection(text: str, where: str, user: str) -> SourceError:
    if found := _UNKNOWN_NAME.search(text):
        kind: FaultKind = "missing" if found["what"] == "database" else "denied"
        return SourceError(kind, f"{where}: {found[0]}", f"check {_key(found['what'])} in the dsn")
    lower = text.lower()
    for sign, kind, what, remedy in _CONNECTING:
        if sign in lower:
            return SourceError(kind, f"{where}: {what.format(user=user or '?')}", remedy)
    return SourceError("unreachable", f"{where}: {_short(text)}", _TRANSIENT)


def _key(what: str) -> str:
    return "dbname" if what == "database" else "user"


def _statement(error: psycopg.Error, where: str, user: str) -> SourceError:
    state = error.sqlstate or ""
    message = safe(error.diag.message_primary or error, 300)
    if state == "42501":
        return SourceError("denied", f"{where}: {message}", _grant(message, user))
    if state == "42P01" or state.startswith("3D"):
        message = message.replace("relation", "table", 1)
    known = next((_STATES[state[:size]] for size in (5, 3, 2) if state[:size] in _STATES), None)
    kind, remedy = known or ("error", "")
    return SourceError(kind, f"{where}: {message}", remedy.format(user=user))


def _grant(message: str, user: str) -> str:
    """The GRANT that is missing, ready to be run by the owner."""
    found = _DENIED.search(message)
    if not found:
        return f"grant it to {user}, or apply `watchdeck roles --sql`"
    privilege = {"schema": "USAGE ON SCHEMA", "function": "EXECUTE ON FUNCTION", "sequence": "SELECT ON SEQUENCE"}
    grant = f"GRANT {privilege.get(found['what'], 'SELECT ON')} {found['name']} TO {user}"
    return f"{grant}; or apply `watchdeck roles --sql`"


def _short(text: str) -> str:
    """The part of libpq's message after the address, which is already said."""
    return text.rpartition("failed: ")[2] or text
