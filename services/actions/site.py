"""Where an action happens and as whom, by the clock that counts there."""

from __future__ import annotations

from dataclasses import dataclass

from services.actions.identity import effective_role
from services.actions.plan import Plan
from services.profile import Profile, Role


@dataclass(frozen=True)
class Site:
    now: float  # unix seconds
    name: str  # host:port/dbname of a database; else a host, or where a URL leads
    user: str  # the database's user, or the account on this machine
    identity: str = ""  # a database's system_identifier
    snapshot: str = ""
    roles: tuple[str, ...] = ()  # watchdeck's, as the database has given them
    ledger: bool = False

    def role(self, profile: Profile, login: str) -> Role:
        """The lower of what the profile and the database say; where there is no database, the profile alone says it."""
        return effective_role(profile, login, self.roles, self.ledger)

    def is_of(self, plan: Plan) -> bool:
        """A database's host may have changed since the preview: a standby may have been promoted."""
        if not self.identity:
            return not plan.system_identifier and self.name == plan.server
        mine, theirs = (name.rpartition("/")[2] for name in (self.name, plan.server))
        return (self.identity, mine) == (plan.system_identifier, theirs)
