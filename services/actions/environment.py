"""Whether the database that answers is the one that the profile means, and can be changed at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from services.actions.site import Site
from services.errors import ActionError
from services.profile import Environment, Profile


class Asks(Protocol):
    """What reads: the console's Database, or an action's own connection."""

    async def rows(self, sql: str, params: Any = None, /) -> list[dict[str, Any]]: ...


SQL = """
SELECT extract(epoch FROM clock_timestamp())::float8 AS now, pg_is_in_recovery() AS in_recovery,
       pg_current_snapshot()::text AS snapshot,
       session_user::text AS "user",
       (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
       coalesce(host(inet_server_addr()), 'local socket') || ':' || coalesce(inet_server_port()::text, '') || '/'
           || current_database() AS server, current_database()::text AS database,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'watchdeck' AND c.relname = 'ledger') AS ledger,
       ARRAY(SELECT rolname::text FROM pg_roles
              WHERE rolname LIKE 'watchdeck\\_%' AND pg_has_role(session_user, oid, 'MEMBER')) AS roles
"""


@dataclass(frozen=True)
class Server:
    """The database as it presents itself now."""

    now: float
    in_recovery: bool
    user: str
    system_identifier: str
    server: str
    database: str
    snapshot: str
    ledger: bool
    roles: tuple[str, ...]

    @property
    def site(self) -> Site:
        return Site(self.now, self.server, self.user, self.system_identifier, self.snapshot, self.roles, self.ledger)


async def look(db: Asks) -> Server:
    (row,) = await db.rows(SQL)
    return Server(**{**row, "roles": tuple(row["roles"])})


async def site_of(profile: Profile, db: Asks) -> Site:
    """Where the effect would happen. ActionError when that is not where the profile means."""
    found = await look(db)
    insist(profile, found)
    return found.site


def insist(profile: Profile, found: Server) -> None:
    """ActionError unless this is the primary of the profile's own environment, with the ledger in it."""
    environment = profile.environment
    if found.in_recovery:
        raise ActionError(
            f"{found.server} is a standby: nothing can be changed there",
            "put target_session_attrs=read-write into the profile's dsn, or name the primary",
        )
    insist_on_system(environment, found.server, found.system_identifier)
    if not found.ledger:
        raise ActionError(
            f"{found.server} has no ledger: actions are recorded there or not done",
            f"watchdeck --profile {profile.name} roles --sql | psql DATABASE, as a superuser",
        )


def insist_on_system(environment: Environment, server: str, identifier: str) -> None:
    """ActionError unless `server` is the database that the profile names."""
    wanted = environment.system_identifier
    if wanted and wanted != identifier:
        raise ActionError(
            f"{server} is not the database of {environment.name}: its system_identifier is "
            f"{identifier}, the profile says {wanted}",
            "check the profile's dsn; after a restore into a new cluster, correct [environment] system_identifier",
        )
    if environment.is_production and not wanted:
        raise ActionError(
            f"{environment.name} is production, and the profile does not say which database that is",
            f'if {server} is the right one, put into the profile\'s [environment]: system_identifier = "{identifier}"',
        )
