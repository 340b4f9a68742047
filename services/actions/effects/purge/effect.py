"""Deletes what is due: objects first, then the rows of exactly those that are gone, by a frozen manifest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, TypeVar

from services.actions.effects.effect import Course
from services.actions.effects.in_database import InDatabase
from services.actions.effects.purge import sql as purge_sql
from services.actions.effects.purge.course import PurgeCourse
from services.actions.effects.purge.preview import look_up
from services.actions.effects.purge.settled import settled
from services.actions.environment import Asks
from services.actions.found import Found
from services.actions.functions import template
from services.actions.journal import Journal, Record
from services.actions.manifest import Manifest, Manifests
from services.actions.plan import Outcome, Request
from services.actions.site import Site
from services.clock import SystemClock
from services.errors import ActionError
from services.profile import Profile, PurgeAction, S3Source
from services.sources.s3_deleting import Deleting
from services.text import safe

T = TypeVar("T")


class Purge(InDatabase):
    def __init__(self, profile: Profile, action_id: str, action: PurgeAction) -> None:
        super().__init__(profile, action_id, action.database)
        bucket = profile.sources[action.storage]
        assert isinstance(bucket, S3Source)  # or the profile would not have been valid
        self.action = action
        self.lasts_s = action.longest + 60.0
        self.bucket = bucket.bucket
        self.manifests = Manifests(Journal.of(profile).path.with_name("manifests"))
        self._access = bucket.model_copy(update={"timeout": action.timeout})
        self.store = Deleting(self._access, SystemClock())
        self._versioned: bool | None = None

    # ---- in the database

    @property
    def subject(self) -> str:
        return "manifest"

    def shared(self) -> str:
        return template("purge/shared.sql")

    def function(self) -> str:
        return purge_sql.function(self.id, self.action)

    def writes(self) -> Iterator[tuple[str, str]]:
        return purge_sql.writes(self.action)

    def needs(self) -> tuple[str, ...]:
        return self.action.needs

    # ---- the course of it

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        try:
            return await look_up(self, request, db, site)
        finally:
            self.store.close()

    @contextlib.asynccontextmanager
    async def acting(self) -> AsyncIterator[Course]:
        course = PurgeCourse(self)
        try:
            await course.connect()
            yield course
        finally:
            await course.close()
            self.store.close()

    async def settled(self, record: Record, by: str) -> Outcome:
        return await settled(self, record, by)

    async def with_store(self, call: Callable[[], T]) -> T:
        """Blocking calls to the bucket, in a thread. SourceError."""

        def opened() -> T:
            self.store.open()
            return call()

        return await asyncio.to_thread(opened)

    def all_versions(self) -> bool:
        """Whether what is looked for is every version of a key. Asks the store the first time."""
        if self._versioned is None:
            self._versioned = self.store.is_versioned()
        return self._versioned and self.action.versions == "all"

    @property
    def marks_only(self) -> bool:
        return bool(self._versioned) and self.action.versions == "marker"

    # ---- what has to be so

    def about(self, identity: str) -> dict[str, Any]:
        """Where and what a manifest is for."""
        place = {"environment": self.profile.environment.name, "system_identifier": identity}
        store = {"bucket": self.bucket, "endpoint": self._access.endpoint, "versions": self.action.versions}
        return {"action": self.id, "profile": self.profile.name, **place, **store, "batch": self.action.batch}

    def insist_on_its_place(self, manifest: Manifest, identity: str) -> None:
        ours = self.about(identity)
        for key in ("action", "profile", "environment", "system_identifier", "bucket", "endpoint", "versions"):
            if manifest.about.get(key) != ours[key]:
                raise ActionError(
                    f"{self.action.title}: the manifest {manifest.id} is for the {key} "
                    f"{safe(manifest.about.get(key), 80)!r}, and this is {safe(ours[key], 80)!r}",
                    "take a new preview: it finds the rest",
                )

    def insist_on_prefixes(self, keys: Iterable[str]) -> None:
        """A row that names an object elsewhere is wrong, or somebody wants it to be deleted by us."""
        for key in keys:
            if not key.startswith(self.action.prefixes):
                raise ActionError(
                    f"{self.action.title}: a row names the object {safe(key, 120)!r}, outside of "
                    f"{' and '.join(self.action.prefixes)}",
                    "nothing is deleted: look at that row; `prefixes` in the profile says what may be touched",
                )
