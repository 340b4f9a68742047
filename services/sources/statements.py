"""What the statements of a database cost, from the differences of pg_stat_statements' counters."""

from __future__ import annotations

import asyncio

from services.database import Database, Row
from services.profile import Role
from services.profile.sources import StatementsSource as Spec
from services.queries import query
from services.queues.shown import HIDDEN
from services.readings import StatementsValues, Unknown
from services.sources import Parts
from services.sources.on_database import OnDatabase
from services.sources.statements_window import Window
from services.sql_text import masked
from services.text import safe

_TEXT = 1000
_KNOWN_TEXTS = 500
_LOAD = "add pg_stat_statements to shared_preload_libraries and restart the server"


def make(name: str, spec: Spec, parts: Parts) -> Statements:
    return Statements(name, spec, parts.databases[spec.database], parts.role)


class Statements(OnDatabase):
    def __init__(self, name: str, spec: Spec, db: Database, role: Role = "admin") -> None:
        super().__init__(name, spec, db)
        self._role = role
        self._query = HIDDEN if role == "support" else "left(query, 4000)"
        self._window = Window(spec.window, spec.slow)
        self._texts: dict[int, str] = {}

    async def fetch(self) -> StatementsValues:
        (place,) = await self._db.rows(query("statements_place"), timeout=self.timeout_s)
        if why := _missing(place, self._role):
            self._window.forget()
            return self._window.unknown(why)
        asked = [(_at("statements_since", place), None), (_at("statements", place), None)]
        (since,), rows = await self._db.batch(asked, timeout=self.timeout_s)
        # thousands of rows: not on the loop that answers the keyboard
        await asyncio.to_thread(self._window.saw, since["clock"], since["since"], rows)
        await self._read(self._window.unread(self._texts), place)
        return self._window.values(self._texts)

    async def _read(self, ids: list[int], place: Row) -> None:
        """Texts are read once: the server has them in a file that it goes through from end to end."""
        if not ids:
            return
        if len(self._texts) > _KNOWN_TEXTS:
            self._texts.clear()
        asked = _at("statements_text", place).replace("{query}", self._query)
        rows = await self._db.rows(asked, {"ids": ids}, timeout=self.timeout_s)
        self._texts |= dict.fromkeys(ids, "")
        self._texts |= {row["id"]: safe(" ".join(masked(row["query"] or "").split()), _TEXT) for row in rows}


def _at(name: str, place: Row) -> str:
    return query(name, place["major"]).replace("{schema}", place["schema"])


def _missing(place: Row, role: Role) -> Unknown | None:
    if place["schema"] is None:
        before = "" if place["loaded"] else f"{_LOAD}, then "
        return Unknown("not configured", f"{before}CREATE EXTENSION pg_stat_statements in {safe(place['database'])}")
    if not place["loaded"]:
        return Unknown("not configured", _LOAD)
    if not place["may_see_all"]:
        if role == "support":
            return Unknown("not permitted", "what others ran is hidden from support")
        who = safe(place["user"])
        return Unknown("not permitted", f"what others ran is hidden: GRANT pg_read_all_stats TO {who}")
    return None
