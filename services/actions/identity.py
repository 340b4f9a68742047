"""Who is acting: the login name, and the role that the profile and the database leave them."""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection
from dataclasses import dataclass

from services.profile import RANK, Profile, Role


@dataclass(frozen=True)
class Identity:
    login: str  # what roles are given to
    via: str = ""  # the account it acts through, when that is another one

    def __str__(self) -> str:
        return f"{self.login} (as {self.via})" if self.via else self.login


def person(actor: str) -> str:
    """Who that is, whichever account they act through: "alice (as root)" is alice."""
    return actor.partition(" (as ")[0]


def whoami() -> Identity:
    """The login name by the user id, not by $USER; behind sudo, the person who called it."""
    name = account()
    caller = os.environ.get("SUDO_USER", "")
    return Identity(caller, via=name) if os.getuid() == 0 and caller and caller != name else Identity(name)


def account() -> str:
    """The name of the account that this process has."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container that knows no such user
        return f"uid-{uid}"


def effective_role(profile: Profile, login: str, database_roles: Collection[str], ledger: bool) -> Role:
    """The lower of what the profile and the database say; without the ledger the database says nothing."""
    ours = profile.roles.of(login)
    if not ledger:
        return ours
    highest_first = sorted(RANK, key=RANK.__getitem__, reverse=True)
    theirs: Role = next((role for role in highest_first if f"watchdeck_{role}" in database_roles), "viewer")
    return min(ours, theirs, key=RANK.__getitem__)
