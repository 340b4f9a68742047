"""Looks whether what was deleted is gone, or what was published is there, and writes what it found into a report."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside
from services.actions.effects.verify.look import Evidence, Looking, chunks
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.params import checked
from services.actions.plan import Outcome, Request, Target
from services.actions.recorded import ended
from services.actions.site import Site
from services.clock import SystemClock
from services.database import Database
from services.errors import ActionError, SourceError
from services.profile import PostgresSource, Profile, S3Source, VerifyAction
from services.queries.named import with_params
from services.records import report
from services.records.store import Records
from services.sources.s3_deleting import Deleting
from services.text import safe

FIRST = 20
SAID_S = 2.0
Row = dict[str, Any]


class Verify(Outside):
    tells_later = True  # it changes nothing: that can be told at any time

    def __init__(self, profile: Profile, action_id: str, action: VerifyAction) -> None:
        super().__init__(profile, action_id, action)
        source, bucket = profile.sources[action.database], profile.sources[action.storage]
        assert isinstance(source, PostgresSource) and isinstance(bucket, S3Source)  # or the profile were not valid
        self.action = action
        self.lasts_s = action.longest + 60.0
        self._source, self._bucket = source, bucket

    @property
    def place(self) -> str:
        return f"{self._source.title or 'the database'} and the bucket {self._bucket.bucket}"

    def obstacle(self) -> str:
        return ""

    def hint(self, record: Record) -> str:
        return "nothing was changed; verify again"

    # ---- what it is about

    async def look_up(self, request: Request, site: Site) -> Found:
        rows = await self._subjects(request)
        if not rows:
            raise ActionError(f"{self.action.title}: there is nothing to verify", "see what was asked for")
        return Found(
            targets=tuple(Target(id=safe(row["id"], 60), label=safe(row["title"], 80)) for row in rows[:FIRST]),
            total=len(rows),
            matching=len(rows),
            changes=("looks, changes nothing, and writes a report",),
            reversible=None,
            noun="subject",
            name=self.id,
            warnings=(f"only the first {self.action.most:,} are looked at",) if len(rows) == self.action.most else (),
        )

    async def _subjects(self, request: Request) -> list[Row]:
        """ActionError when a setting is not as it must be, or when the query does not bring what is named."""
        action = self.action
        optional = {name for name, pattern in action.params.items() if re.fullmatch(pattern, "")}
        given = request.model_copy(update={"args": {**dict.fromkeys(optional, ""), **request.args}})
        params = checked(action.title, given, action.params)
        source = self._source
        db = Database(source.dsn, source.title or "the database", SystemClock(), pooler=source.pooler, who="verify")
        try:
            sql = f"SELECT * FROM ({with_params(action.subjects)}) AS s LIMIT {action.most}"
            rows = await db.rows(sql, params)
        finally:
            await db.close()
        named = {"id", "title", *action.holds, *filter(None, (action.gone, action.there, action.size, action.sha256))}
        if rows and (lacking := named - rows[0].keys()):
            raise ActionError(f"{action.title}: `subjects` brings no column {min(lacking)!r}", "see the profile")
        return rows

    # ---- looking

    async def do(self, order: Order) -> Outcome:
        rows = await self._subjects(order.plan.request)
        evidence = Evidence(of=len(rows))
        store = Deleting(self._bucket.model_copy(update={"timeout": self.action.timeout}), SystemClock())
        looking = Looking(self.action, store, evidence, order.stop.is_set)
        why = ""
        try:
            await asyncio.to_thread(store.open)
            async with _telling(order, evidence):
                why = await self._all(order, rows, looking)
        except SourceError as error:
            why = error.message
        finally:
            store.close()
        await order.on_step("effect")
        return await self._reported(order, evidence, why)

    async def _all(self, order: Order, rows: list[Row], looking: Looking) -> str:
        """Why it ended before its end; empty when it did not."""
        deadline = time.monotonic() + self.action.longest
        for part in chunks(rows):
            if order.stop.is_set():
                return "stopped, as somebody wanted it"
            if time.monotonic() > deadline:
                return f"it takes longer than {self.action.longest:.0f} s"
            await asyncio.to_thread(looking.at, part)
            for row in part:
                await looking.answers(row)
        return ""

    async def _reported(self, order: Order, evidence: Evidence, why: str) -> Outcome:
        passed = evidence.passed and not why
        if why:
            evidence.add("unknown", "the rest", why)
        title = f"{self.action.title}{_asked(order.plan.request)}"
        records = Records.of(self.profile)
        made = await asyncio.to_thread(
            report.write,
            records,
            self.id,
            title,
            order.login,
            time.time(),
            passed,
            evidence.sorted(),
            evidence.figures(),
        )
        await order.on_step("read back")
        word = "PASSED" if passed else "NOT PASSED"
        message = f"{title}: {word}: {evidence.words()}{f'; {why}' if why else ''}; report {made}"
        outcome = order.outcome("done" if passed else "partial", evidence.looked, message)
        return outcome.model_copy(update={"differing": evidence.differing()})

    async def settled(self, record: Record, by: str) -> Outcome:
        message = f"{record['title']}: it ended before its report was written; nothing was changed"
        return ended(record, "not applied", 0, message, "verify again")


def _asked(request: Request) -> str:
    return "".join(f", {name} {safe(value, 40)}" for name, value in request.args.items() if value)


@contextlib.asynccontextmanager
async def _telling(order: Order, evidence: Evidence) -> AsyncIterator[None]:
    async def tell() -> None:
        while True:
            await asyncio.sleep(SAID_S)
            await order.on_line(f"{evidence.looked:,} of {evidence.of:,}; {evidence.words()}")

    telling = asyncio.ensure_future(tell())
    try:
        yield
    finally:
        telling.cancel()
