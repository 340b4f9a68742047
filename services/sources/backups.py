"""The dumps in a bucket with what is known of each: its size against the usual, its manifest, its restore tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from statistics import median
from typing import TYPE_CHECKING

from services.backups.store import Store
from services.clock import Clock
from services.database import Database
from services.errors import ConfigError, SourceError, WatchdeckError
from services.profile import BackupAction, Profile, RestoreTestAction
from services.profile.sources.backups import BackupsSource
from services.profile.sources.s3 import S3Access
from services.readings import NO_DATA_YET, NOT_CONFIGURED, BackupReport, BackupsValues, Dump, Figure, Unknown
from services.records.report import KIND, Report, fold
from services.records.store import Records
from services.sources.s3_client import Object
from services.sources.s3_faults import unknown
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

KEPT = 200  # dumps that are told one by one
REPORTS = 50
BEFORE = 7  # dumps whose median is the usual size
_WAL = "SELECT coalesce(last_archived_wal, '') AS wal FROM pg_stat_archiver"


def make(name: str, spec: BackupsSource, parts: Parts) -> Backups:
    action = parts.profile.actions.get(spec.action)
    if not isinstance(action, BackupAction):
        raise ConfigError(f"[sources.{name}] action: no action that dumps is named {spec.action!r}")
    return Backups(name, spec, action, parts.profile, parts.clock, parts.databases[action.database])


class Backups:
    """What cannot be told is unknown with its reason; the source fails when the bucket cannot be listed."""

    def __init__(
        self, name: str, spec: BackupsSource, action: BackupAction, profile: Profile, clock: Clock, database: Database
    ) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._action = action
        self._clock = clock
        self._database = database
        store = profile.sources[action.store]
        assert isinstance(store, S3Access)  # or the profile would not have been valid
        self._store = Store(store, spec.timeout)
        self._threads = Threads(name, 4)
        self._records = Records.of(profile)
        self._tests = {
            id_
            for id_, one in profile.actions.items()
            if isinstance(one, RestoreTestAction) and one.backup == spec.action
        }

    async def fetch(self) -> BackupsValues:
        await self._threads.run(self._store.open)
        action = self._action
        there, described = await self._threads.run(lambda: self._store.listed(action.prefix, action.match))
        leftovers, reports, (wal, arrived) = await asyncio.gather(self._leftovers(), self._reports(), self._wal())
        now = self._clock.wall()
        tested = _tested(reports, self._tests)
        passed = [one.at for one in tested.values() if one.passed]
        return BackupsValues(
            where=safe(f"{self._store.where}, {action.prefix}", 300),
            dumps=tuple(_dumps(there, described, tested)),
            count=len(there),
            newest_age_s=max(0.0, now - there[0].at) if there else NO_DATA_YET,
            leftovers=leftovers,
            tested_age_s=max(0.0, now - max(passed)) if passed else Unknown("no data yet", "none has passed a test"),
            reports=tuple(map(_report, reports[:REPORTS])),
            wal=safe(wal, 60),
            wal_arrived=arrived,
        )

    async def close(self) -> None:
        self._store.close()

    async def _leftovers(self) -> Figure:
        action = self._action
        try:
            return len(await self._threads.run(lambda: self._store.leftovers(action.prefix, "*")))
        except SourceError as error:
            return unknown(error.fault)

    async def _reports(self) -> list[Report]:
        """Of this backup and its tests, the newest first; none where the records cannot be reached."""
        wanted = {self._spec.action, *self._tests}
        try:
            found = await self._threads.run(lambda: self._records.opened(KIND))
        except WatchdeckError:
            return []
        return [fold((event,)) for event in found if event.body.get("of") in wanted]

    async def _wal(self) -> tuple[str, Figure]:
        """The segment that was archived last, and whether it is in the bucket."""
        if not self._spec.wal:
            return "", NOT_CONFIGURED
        try:
            [row] = await self._database.rows(_WAL)
            wal = str(row["wal"])
            if not wal:
                return "", Unknown("no data yet", "no WAL has been archived since the server's statistics were reset")
            key = self._spec.wal.replace("{segment}", wal)
            return wal, int(await self._threads.run(lambda: self._store.size(key)) is not None)
        except SourceError as error:
            return "", unknown(error.fault)


def _dumps(there: tuple[Object, ...], described: set[str], tested: Mapping[str, Report]) -> Iterable[Dump]:
    for at, one in enumerate(there[:KEPT]):
        before = [other.size for other in there[at + 1 : at + 1 + BEFORE]]
        usual = median(before) if before else 0
        report = tested.get(one.key)
        yield Dump(
            key=safe(one.key, 300),
            bytes=one.size,
            at=one.at,
            share=one.size / usual if usual else NO_DATA_YET,
            described=one.key in described,
            tested="" if report is None else "passed" if report.passed else "failed",
            tested_at=report.at if report else None,
        )


def _tested(reports: Iterable[Report], tests: set[str]) -> dict[str, Report]:
    """Dump -> its newest test; a later failure outweighs what has passed before."""
    found: dict[str, Report] = {}
    for report in reports:
        if report.of in tests:
            found.setdefault(str(report.figures.get("dump", "")), report)
    return found


def _report(report: Report) -> BackupReport:
    failed = report.failed
    said = (
        f"{failed[0].what}: {failed[0].said}"
        if failed
        else f"{len(report.lines)} things looked at, all as they should be"
    )
    by, title = safe(report.by, 80), safe(report.title, 200)
    return BackupReport(safe(report.of, 80), title, report.at, by, report.passed, safe(said, 300), report.record)
