"""What is due for deletion: how many rows of each kind, how many bytes, and for how long; asked as a purge asks."""

from __future__ import annotations

from collections.abc import Iterator

from services.database import Database, Row
from services.errors import ConfigError
from services.profile import PurgeAction, PurgeKind
from services.profile.sources import DueSource
from services.readings import Figure, NamedFigure, NamedValues, Unknown
from services.sources import Parts


def make(name: str, spec: DueSource, parts: Parts) -> Due:
    purges: dict[str, PurgeAction] = {}
    for action_id in spec.actions:
        action = parts.profile.actions.get(action_id)
        if not isinstance(action, PurgeAction):
            raise ConfigError(f'[sources.{name}] actions: {action_id!r} is no action with effect = "purge"')
        purges[action_id] = action
    return Due(name, spec, purges, {key: parts.databases[one.database] for key, one in purges.items()})


class Due:
    def __init__(
        self, name: str, spec: DueSource, purges: dict[str, PurgeAction], databases: dict[str, Database]
    ) -> None:
        self.name = name
        self.interval_s, self.timeout_s = spec.interval, spec.timeout
        self._purges, self._databases = purges, databases

    async def fetch(self) -> NamedValues:
        figures: list[NamedFigure] = []
        for name, action in self._purges.items():
            statements = [(_totals(kind), None) for kind in action.kinds.values()]
            answers = await self._databases[name].batch(statements, timeout=self.timeout_s)
            for (kind, spec), (row,) in zip(action.kinds.items(), answers, strict=True):
                figures += _figures((("action", name), ("kind", kind)), spec.title, row)
        return NamedValues(about=f"what is due for {', '.join(self._purges)}", figures=tuple(figures))

    async def close(self) -> None:
        """The databases are shared, and closed by their owner."""


def _totals(kind: PurgeKind) -> str:
    return (
        f"SELECT count(*) AS due, sum({kind.bytes})::float8 AS bytes, "
        f"extract(epoch FROM now() - min({kind.since}))::float8 AS oldest "
        f"FROM {kind.table} AS {kind.alias} WHERE {kind.due}"
    )


def _figures(labels: tuple[tuple[str, str], ...], title: str, row: Row) -> Iterator[NamedFigure]:
    """Of nothing that is due the oldest is 0 s old: a rule on it is clear then."""
    yield NamedFigure("due", row["due"], "count", labels, title)
    yield NamedFigure("oldest_s", row["oldest"] or 0.0, "s", labels, title)
    size: Figure = Unknown("not recorded", "the profile does not say how many bytes a row has")
    if row["bytes"] is not None or not row["due"]:
        size = row["bytes"] or 0.0
    yield NamedFigure("due_bytes", size, "bytes", labels, title)
