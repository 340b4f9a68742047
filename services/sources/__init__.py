"""One file per kind of source, the table that names them, and the building of a profile's sources."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol

from services.actions.identity import whoami
from services.clock import Clock
from services.database import Database
from services.profile import PostgresSource, Profile, Role, mapping_of
from services.queues.mapping import Mapping as QueueMapping
from services.queues.shown import shown_to
from services.readings import Dated, Values
from services.sources.discreet import as_support

# Every kind and the module that reads it. A module has `make(name, spec, parts) -> Source`, does no I/O there, and
# imports its driver on the first fetch. Modules are imported only for the kinds that a profile uses.
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "alertmanager": "services.sources.alertmanager",
        "audit": "services.sources.audit",
        "backups": "services.sources.backups",
        "bucket": "services.sources.bucket",
        "clocks": "services.sources.clocks",
        "command": "services.sources.command",
        "disk": "services.sources.disk",
        "due": "services.sources.due",
        "elevation": "services.sources.elevations",
        "files": "services.sources.files",
        "flags": "services.sources.flags",
        "host": "services.sources.host",
        "http": "services.sources.http",
        "json": "services.sources.json",
        "logs": "services.sources.logs",
        "minio": "services.sources.minio",
        "pgbouncer": "services.sources.pgbouncer",
        "postgres": "services.sources.postgres",
        "prometheus": "services.sources.prometheus",
        "promql": "services.sources.promql",
        "queue": "services.sources.queue",
        "reaper": "services.sources.reaper",
        "redis": "services.sources.redis",
        "runs": "services.sources.runs",
        "s3": "services.sources.s3",
        "sql": "services.sources.sql",
        "statements": "services.sources.statements",
        "systemd": "services.sources.systemd",
        "tables": "services.sources.tables",
        "tcp": "services.sources.tcp",
        "tls": "services.sources.tls",
    }
)
OVER_HTTP = ("http", "alertmanager", "clocks", "json", "minio", "prometheus", "promql")
# Their drivers take 0.1 s and 0.4 s to import, under which the first queries would be three times as slow.
LATER = (OVER_HTTP, ("s3", "bucket", "backups"))
_DRIVERS = {
    **dict.fromkeys(OVER_HTTP, "httpx"),
    **dict.fromkeys(("pgbouncer", "postgres"), "psycopg"),
    **dict.fromkeys(("s3", "bucket", "backups"), "boto3"),
}
AUDIT = "audit"  # the local audit: read whether or not the profile says so
ELEVATIONS = "elevation"  # read where the profile says what they open


class Source(Protocol):
    """Something that is asked again and again. `fetch` may raise: SourceError, or anything."""

    name: str
    interval_s: float
    timeout_s: float  # the poller gives up after this; a source keeps it by itself as well

    async def fetch(self) -> Values | Dated: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What sources are made from, beside their own table of the profile."""

    profile: Profile
    clock: Clock
    databases: Mapping[str, Database]  # by the name of the postgres source
    role: Role = "admin"  # as whom it is read: what this role does not see is not selected

    def mapping(self, queue: str) -> QueueMapping:
        """The complete mapping of the queue source `queue`, as far as the role sees it."""
        return shown_to(self.role, mapping_of(self.profile.of_kind("queue")[queue], queue), self.profile.restricted)

    def database_of(self, queue: str) -> Database:
        """The database that the queue source `queue` lives in."""
        return self.databases[self.profile.of_kind("queue")[queue].database]


@dataclass(frozen=True)
class Built:
    sources: Mapping[str, Source]
    databases: Mapping[str, Database]
    later: tuple[frozenset[str], ...] = ()  # sources that start after the others, in this order

    async def close(self) -> None:
        for source in self.sources.values():
            await source.close()
        for database in self.databases.values():
            await database.close()


def build(profile: Profile, clock: Clock, role: Role | None = None) -> Built:
    """The profile's sources, in its order, and the local audit. No I/O; ConfigError when a mapping cannot be used.

    As `role` reads them; None: the role that the profile gives to whoever runs this. A database may know better, and
    refuses then.
    """
    specs: Mapping[str, PostgresSource] = profile.of_kind("postgres")
    databases = {name: database(name, spec, clock) for name, spec in specs.items()}
    parts = Parts(profile, clock, databases, role or profile.roles.of(whoami().login))
    sources = {name: _made(name, parts) for name in profile.sources}
    sources.setdefault(AUDIT, make(AUDIT, AUDIT, None, parts))
    if profile.restricted.database:
        sources.setdefault(ELEVATIONS, make("elevation", ELEVATIONS, None, parts))
    later = tuple(frozenset(name for kind in kinds for name in profile.of_kind(kind)) for kinds in LATER)
    return Built(MappingProxyType(sources), MappingProxyType(databases), later)


def _made(name: str, parts: Parts) -> Source:
    source = make(parts.profile.sources[name].kind, name, parts.profile.sources[name], parts)
    return as_support(source, parts.profile) if parts.role == "support" else source


def import_drivers(profile: Profile) -> None:
    """For who asks once and waits: a second of imports on a busy machine would count as the backends' being slow."""
    for kind in dict.fromkeys(spec.kind for spec in profile.sources.values()):
        if driver := _DRIVERS.get(kind):
            import_module(driver)


def database(name: str, spec: PostgresSource, clock: Clock) -> Database:
    """The connections of one postgres source; every source of that database shares them."""
    return Database(spec.dsn, name, clock, pooler=spec.pooler, timeout=spec.timeout, who=who())


def make(kind: str, name: str, spec: Any, parts: Parts) -> Source:
    source: Source = import_module(SOURCES[kind]).make(name, spec, parts)
    return source


def who() -> str:
    """The login name for application_name, so that an operator's connections can be told apart."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a container's passwd
        return "?"
