"""What the effects on a database share: a SECURITY DEFINER function there, which records what is done in the ledger."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from services.actions.connection import database_named
from services.actions.effects.effect import Course, Prospect
from services.actions.environment import Asks, look, site_of
from services.actions.found import Found
from services.actions.functions import SIGNATURE, name, owned
from services.actions.journal import Record
from services.actions.plan import Outcome, Request
from services.actions.site import Site
from services.clock import SystemClock
from services.database import Database
from services.profile import PostgresSource, Profile, Role


class InDatabase(ABC):
    """An action whose function stands in the database that it changes."""

    tells_later = True  # the ledger does
    lasts_s = 0.0  # the server gives up after 3 s

    def __init__(self, profile: Profile, action_id: str, database: str) -> None:
        self.profile = profile
        self.id = action_id
        self.database = database  # the source's name
        self.source: PostgresSource = database_named(profile, database)

    # ---- what each kind says for itself

    @property
    @abstractmethod
    def subject(self) -> str:
        """The table, or whatever else its ids are ids of: elsewhere the same id means another thing."""

    @abstractmethod
    def function(self) -> str:
        """CREATE FUNCTION, and what it needs beside it. ConfigError when the mapping does not have it."""

    @abstractmethod
    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        """ActionError when a setting is missing or wrong, or when nothing matches."""

    async def states(self, db: Asks, ids: tuple[str, ...]) -> dict[str, str]:
        """In which state they are now, for those who are told that they have changed."""
        return {}

    def writes(self) -> Iterator[tuple[str, str]]:
        """(table, verb) for every table that the function writes."""
        return iter(())

    def tables(self) -> tuple[str, ...]:
        """What it reads beside the queue's tables."""
        return ()

    def placed(self) -> tuple[str, ...]:
        """The functions, with their types, that look for tables by their names."""
        return (f"{name(self.id)}({SIGNATURE})",) if any(self.writes()) else ()

    def beside(self) -> tuple[str, ...]:
        """The functions beside its own, with their types, that everybody may execute who has a role."""
        return ()

    def needs(self) -> tuple[str, ...]:
        """What must be granted to the function's owner beside that."""
        return ()

    async def remarks(self, db: Asks) -> tuple[str, ...]:
        """What `doctor` should warn of although it may be carried out."""
        return ()

    def shared(self) -> str:
        """SQL that all actions of this kind need once."""
        return ""

    # ---- what is the same for all

    def siblings(self) -> tuple[str, ...]:
        """The actions with ids of the same things, this one among them."""
        from services.actions.effects import in_databases

        mine = (self.database, self.subject)
        return tuple(name for name, one in in_databases(self.profile).items() if (one.database, one.subject) == mine)

    def sql(self) -> str:
        """The function, with its owner."""
        return owned(self.id, self.function())

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[Database]:
        """A read-only connection to where it would happen, as whom it would happen."""
        source = self.source
        dsn = source.action_dsn or source.dsn
        db = Database(dsn, source.title or "the database", SystemClock(), pooler=source.pooler, who="preview")
        try:
            yield db
        finally:
            await db.close()

    @contextlib.asynccontextmanager
    async def previewing(self) -> AsyncIterator[Prospect]:
        async with self.looking() as db:
            yield _Preview(self, db)

    @abstractmethod
    def acting(self) -> AbstractAsyncContextManager[Course]: ...

    @abstractmethod
    async def settled(self, record: Record, by: str) -> Outcome: ...


@dataclass(frozen=True)
class _Preview:
    effect: InDatabase
    db: Database

    async def role(self, login: str) -> Role:
        return (await look(self.db)).site.role(self.effect.profile, login)

    async def site(self) -> Site:
        return await site_of(self.effect.profile, self.db)

    async def look_up(self, request: Request, site: Site) -> Found:
        return await self.effect.look_up(request, self.db, site)
