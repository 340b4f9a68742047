"""A query of the profile's own: each row a figure, told apart by its labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from services.database import Database, Row
from services.errors import SourceError
from services.profile.sources import SqlSource as Spec
from services.readings import AtLeast, Figure, NamedFigure, NamedValues, Unknown
from services.sources import Parts
from services.sources.on_database import OnDatabase
from services.text import safe

MOST = 200
_LABEL = 80


def make(name: str, spec: Spec, parts: Parts) -> Sql:
    return Sql(name, spec, parts.databases[spec.database])


class Sql(OnDatabase):
    def __init__(self, name: str, spec: Spec, db: Database) -> None:
        super().__init__(name, spec, db)
        self._spec = spec
        self._query = _bounded(spec.query)

    async def fetch(self) -> NamedValues:
        # with parameters, if only none: the server then takes one statement and no more
        rows = await self._db.rows(self._query, {}, timeout=self.timeout_s)
        if rows and (missing := [c for c in (self._spec.value, *self._spec.labels) if c not in rows[0]]):
            raise SourceError(
                "config",
                f"{self.name}: the query brings no column {missing[0]!r}, only {', '.join(map(repr, rows[0]))}",
                "`value` and `labels` of the source name columns of its query",
            )
        return NamedValues(about=f"a query of {self._db.label}", figures=tuple(self._figures(rows)))

    def _figures(self, rows: Sequence[Row]) -> list[NamedFigure]:
        spec = self._spec
        count: Figure = AtLeast(MOST) if len(rows) > MOST else len(rows)
        found: dict[str, NamedFigure] = {}
        for row in rows[:MOST]:
            labels = tuple((label, safe(row[label], _LABEL)) for label in spec.labels)
            one = NamedFigure(spec.value, _number(row[spec.value], spec.value), spec.unit, labels)
            if found.setdefault(one.key, one) is not one:
                raise SourceError(
                    "config",
                    f"{self.name}: several rows of the query are called {one.key}",
                    "name columns in `labels` that tell the rows apart, or group by those there are",
                )
        return [NamedFigure("rows", count, "count"), *found.values()]


def _bounded(query: str) -> str:
    """As a part of a statement of ours nothing in it can change anything, and the server stops at the cap."""
    question = query.strip().rstrip(";").replace("%", "%%")
    return f"SELECT * FROM (\n{question}\n) AS asked LIMIT {MOST + 1}"


def _number(value: object, column: str) -> Figure:
    if value is None:
        return Unknown("no data yet", f"{column} is null")
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | Decimal) and math.isfinite(value):
        return value if isinstance(value, int) else float(value)
    return Unknown("failed", f"{column} is no number: {safe(value, _LABEL)}")
