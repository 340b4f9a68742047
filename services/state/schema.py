"""The tables of the state file, its version, and how long rows are kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from services.sqlite import to_wal

VERSION = 1

TABLES = """
CREATE TABLE alerts (key TEXT PRIMARY KEY, at REAL NOT NULL, alert TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE transitions (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, episode TEXT NOT NULL,
    state TEXT NOT NULL, level TEXT NOT NULL, value TEXT NOT NULL, said TEXT NOT NULL
);
CREATE INDEX transitions_at ON transitions (at);
CREATE TABLE acknowledged (key TEXT PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL)
WITHOUT ROWID;
CREATE TABLE silences (id TEXT PRIMARY KEY, at REAL NOT NULL, until REAL, silence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE told (key TEXT PRIMARY KEY, at REAL NOT NULL, told TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notices (id TEXT PRIMARY KEY, at REAL NOT NULL, notice TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE deliveries (notice TEXT, channel TEXT, at REAL NOT NULL, PRIMARY KEY (notice, channel)) WITHOUT ROWID;
CREATE TABLE meanwhile (spell TEXT PRIMARY KEY, at REAL NOT NULL, news TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT NOT NULL, path TEXT NOT NULL, UNIQUE (source, path));
CREATE TABLE minutes (
    series INTEGER NOT NULL, at INTEGER NOT NULL, mean REAL, spell INTEGER NOT NULL, PRIMARY KEY (series, at)
) WITHOUT ROWID;
CREATE TABLE hours (series INTEGER NOT NULL, at INTEGER NOT NULL, mean REAL NOT NULL, PRIMARY KEY (series, at))
WITHOUT ROWID;
"""

DAY_S = 86_400.0
KEPT_S = {  # what is not here goes with the alert or the silence that it is about
    "transitions": 90 * DAY_S,
    "acknowledged": 30 * DAY_S,
    "notices": 30 * DAY_S,
    "deliveries": 30 * DAY_S,
    "minutes": DAY_S,
    "hours": 36 * DAY_S,  # five times each hour of the week
}
PATIENCE_S = 2.0
MOST = 50_000  # transitions, whatever their age

# The mean of an hour of which enough was seen; without what was firing or being worked on: it is not what is usual.
HOURS = """
INSERT OR REPLACE INTO hours
SELECT series, at / 3600 * 3600, avg(mean) FROM minutes
 WHERE at >= ? AND at < ? AND NOT spell AND mean IS NOT NULL GROUP BY 1, 2 HAVING count(*) >= 30
"""


def opened(path: Path) -> sqlite3.Connection:
    """The file, with this version's tables in it. sqlite3.Error when it is none, damaged, or of a later version."""
    path.touch(mode=0o600)  # before there is anything in it: what stands beside it, with its last pages, is as open
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
    try:
        to_wal(connection, PATIENCE_S)
        connection.execute("PRAGMA synchronous = NORMAL")
        with closing(connection.execute("PRAGMA quick_check(1)")) as found:
            if (said := found.fetchone()) != ("ok",):
                raise sqlite3.DatabaseError(str(said))
        _create(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two consoles may start at once
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    if version > VERSION:
        raise sqlite3.NotSupportedError(f"it is of version {version}, and this watchdeck knows {VERSION}")


def pruned(connection: sqlite3.Connection, wall: float) -> None:
    """Without what is too old to be asked for."""
    connection.execute("BEGIN")
    for table, kept_s in KEPT_S.items():
        connection.execute(f"DELETE FROM {table} WHERE at < ?", (wall - kept_s,))
    connection.execute("DELETE FROM silences WHERE until < ?", (wall - 30 * DAY_S,))
    connection.execute("DELETE FROM transitions WHERE id <= (SELECT max(id) FROM transitions) - ?", (MOST,))
    connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM minutes UNION SELECT series FROM hours)")
    connection.execute("COMMIT")
