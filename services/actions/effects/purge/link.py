"""What a purge asks of its database: that a run begins, each turn once, and its end; by a link that may be lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.actions.connection import ActionConnection, Lost
from services.actions.effects.effect import Order
from services.actions.effects.purge import sql as purge_sql
from services.actions.functions import name
from services.actions.manifest import Entry, Manifest
from services.errors import SourceError

if TYPE_CHECKING:
    from services.actions.effects.purge.effect import Purge

Receipt = dict[str, Any]
AGAIN_S = 15.0  # for so long a lost link is made again, before the run ends where it is


class PurgeLink:
    """psycopg.Error is the server's word; Lost or SourceError, that there was none, also not after a while."""

    def __init__(self, purge: Purge) -> None:
        self._purge = purge
        self.db = ActionConnection(purge.source)
        self._call = (
            f"SELECT watchdeck.{name(purge.id)}(%(id)s::uuid, %(actor)s::text, %(reason)s::text, "
            "%(environment)s::text, to_timestamp(%(taken_at)s::float8), %(cap)s::int, %(seen)s::jsonb, "
            "%(args)s::jsonb, %(anchor)s::text) AS receipt"
        )

    async def connect(self) -> None:
        await self.db.__aenter__()

    async def close(self) -> None:
        await self.db.__aexit__()

    async def begin(self, order: Order, manifest: Manifest) -> Receipt:
        """Asked once: whoever does not hear the answer does not begin."""
        plan = order.plan
        about = {"system_identifier": plan.system_identifier, "client": order.journal.client()}
        return await self._submit(
            order, order.id, {"manifest": manifest.frozen()}, {"part": "begin", **about}, order.anchor
        )

    async def turn(self, order: Order, manifest: Manifest, number: int, entries: Sequence[Entry]) -> Receipt:
        """Removes these rows. By an id of its own: asked again, it is applied once and the same is answered."""
        turn_id = str(uuid.uuid5(uuid.UUID(order.id), str(number)))
        args = {"part": "turn", "run": order.id, "sha256": manifest.sha256, "turn": number, "kind": entries[0].kind}
        seen = {entry.id: dict(entry.seen) for entry in entries}
        receipt: Receipt = await self._again(lambda: self._submit(order, turn_id, seen, args))
        return receipt

    async def end(self, order: Order, word: str, objects: int, outcome: dict[str, Any]) -> Receipt:
        args = {"part": "end", "run": order.id, "word": word, "objects": objects, "outcome": outcome}
        return await self._submit(order, order.id, {}, args)

    async def standing(self, entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
        """Of those rows that are still there, by id: due, ready, same."""
        seen = {entry.id: dict(entry.seen) for entry in entries}
        sql = purge_sql.standing(self._purge.action.kinds[entries[0].kind])
        params = {"ids": list(seen), "seen": json.dumps(seen)}
        return {row["id"]: row for row in await self._again(lambda: self.db.rows(sql, params))}

    async def _submit(
        self, order: Order, entry: str, seen: dict[str, Any], args: dict[str, Any], anchor: str = ""
    ) -> Receipt:
        plan = order.plan
        rows = await self.db.rows(
            self._call,
            {
                "id": entry,
                "actor": plan.actor,
                "reason": order.reason,
                "environment": plan.environment,
                "taken_at": plan.taken_at,
                "cap": plan.cap,
                "seen": json.dumps(seen),
                "args": json.dumps(args),
                "anchor": anchor,
            },
        )
        receipt: Receipt = rows[0]["receipt"]
        return receipt

    async def _again(self, ask: Any) -> Any:
        """What can be asked twice is: over a new link, for a while."""
        deadline = time.monotonic() + AGAIN_S
        while True:
            try:
                return await ask()
            except (Lost, SourceError):
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.5)
            with contextlib.suppress(SourceError):
                await self.close()
                self.db = ActionConnection(self._purge.source)
                await self.connect()
