"""The demo's database on its cluster: its roles, and what the console may do in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import sql

from services.demo.postgres import SUPERUSER, Cluster, PostgresFailed, has_library

OPERATOR = "operator"  # as whom the console connects
SETTINGS = {
    "dynamic_shared_memory_type": "mmap",  # in the data folder: nothing in /dev/shm to be full or left behind
    "autovacuum_naptime": "20s",
}
STATEMENTS = "pg_stat_statements"
FULL = 0.7  # of the declared capacity is used when the demo starts, or less:
ROOM = 200_000_000  # bytes that are left at least


def start_cluster(cluster: Cluster) -> None:
    """Starts the server; on another port when somebody took the free one first."""
    for _ in range(3):
        try:
            cluster.start()
            return
        except PostgresFailed as error:
            if "could not bind" not in error.message:
                raise
            cluster.port = 0
    raise PostgresFailed("every loopback port that was free a moment ago is taken", "start the demo again")


def settings() -> dict[str, str]:
    """With the statistics of statements, where this server's programs come with them."""
    return {**SETTINGS, "shared_preload_libraries": STATEMENTS} if has_library(STATEMENTS) else SETTINGS


def create(
    cluster: Cluster,
    name: str,
    system: str,
    fill: Callable[[psycopg.Connection[Any]], None],
    people: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The database `name` on the new cluster, filled by its owner; the server's system identifier.

    The console's login gets the rights that the shipped profile of `system` asks for; each of `people` (login -> role)
    those of its role.
    """
    with psycopg.connect(cluster.dsn(), autocommit=True) as server:
        for role in (name, OPERATOR, *people):
            password = cluster.add_password(role)
            server.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )
        server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(name)))
        [identifier] = server.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone() or ("",)
    with psycopg.connect(cluster.dsn(name, name), autocommit=True) as owner:
        fill(owner)
    _grant(cluster, name, system, people)
    return str(identifier)


def capacity(cluster: Cluster) -> int:
    """Bytes of the disk that the databases are said to be on: room for a day, and little enough to fill it up."""
    with psycopg.connect(cluster.dsn()) as server:
        row = server.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
    used = int(row[0]) if row else 0
    return max(int(used / FULL), used + ROOM)


def _grant(cluster: Cluster, name: str, system: str, people: Mapping[str, str]) -> None:
    """The console's login, with the rights that `watchdeck roles --sql` gives an operator and no others."""
    from services.actions.grants import roles_sql  # was imported ahead, beside initdb
    from services.demo.ready_profile import ready_profile
    from services.profile import parse

    profile = parse(ready_profile(system, {}, "", {}, ""), f"{system}.toml")  # of addresses it asks nothing
    operator = sql.Identifier(OPERATOR)
    with psycopg.connect(cluster.dsn(SUPERUSER, name), autocommit=True) as server:
        if has_library(STATEMENTS):
            server.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(STATEMENTS)))
        server.execute(roles_sql(profile))
        for login, role in ({OPERATOR: "operator"} | dict(people)).items():
            who = sql.Identifier(login)
            server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(f"watchdeck_{role}"), who))
            server.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '3s'").format(who))
        # to see the states of other people's sessions, and to vacuum their tables from PostgreSQL 17 on
        for right in ("pg_read_all_stats", "pg_maintain"):
            if server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (right,)).fetchone():
                server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(right), operator))
