"""Sources on a database that are set wrong, and rules over figures that such a source cannot bring as it is set."""

from __future__ import annotations

from collections.abc import Iterator

from services.profile import PostgresSource, Profile
from services.profile.sources import SqlSource, StatementsSource, TablesSource

_POLLS = 4  # in a window: with fewer a single odd one decides
_OWN = "rows"  # what a query's figures have beside its own column


def database(profile: Profile) -> Iterator[str]:
    """One line per problem."""
    for name, source in profile.sources.items():
        if isinstance(source, StatementsSource) and source.window < _POLLS * source.interval:
            yield f"[sources.{name}] window: {source.window:g} s are fewer than {_POLLS} polls"
        if isinstance(source, SqlSource) and (twice := {source.value, _OWN} & {*source.labels}):
            yield f"[sources.{name}] labels: {min(twice)!r} is the name of a figure"
        if isinstance(source, SqlSource) and source.value == _OWN:
            yield f"[sources.{name}] value: {_OWN!r} is what the number of rows is called; name the column otherwise"
    for name, rule in profile.rules.items():
        for key, path in rule.figures.items():
            if why := _never(path, profile.sources[rule.source]):
                yield f"[rules.{name}] {key}: {why}"


def _never(path: str, source: object) -> str:
    """Why the figure will always be unknown; empty when it will not."""
    if isinstance(source, PostgresSource) and source.replicas is None and path == "replication.missing":
        return "nobody says how many standbys there should be: give the source `replicas`"
    if isinstance(source, TablesSource) and source.capacity is None and path in ("used_share", "capacity_bytes"):
        return "nobody says how big the disk is: give the source a `capacity`"
    if isinstance(source, SqlSource) and path.startswith("figures."):
        name, brace, _ = path.removeprefix("figures.").partition("{")
        if name not in (source.value, _OWN):
            return f"the query's figures are called {source.value!r} and {_OWN!r}, and none {name!r}"
        if brace and (name == _OWN or not source.labels):
            return f"the figure {name!r} has no labels"
    return ""
