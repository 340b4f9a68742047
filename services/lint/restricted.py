"""What is wrong with [restricted]: columns that a queue cannot be told of without, reads that nobody can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.errors import ConfigError
from services.figures import KINDS
from services.model import Model
from services.profile import RANK, ElevationAction, Profile, Read, mapping_of
from services.queues.mapping import Mapping
from services.queues.shown import mentions, shown_to
from services.readings import NamedValues

_PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_NO_SQL = {"name", "title", "cost", "actions", "needs"}  # words of a mapping that no poll runs
_DONE = ("request", "approve", "revoke")


def restricted(profile: Profile) -> Iterator[str]:
    """One line per problem."""
    for name, source in profile.of_kind("queue").items():
        try:
            mapping = mapping_of(source, name)
        except ConfigError:
            continue  # told already
        yield from _columns(profile, mapping)
    yield from _queries(profile)
    yield from _sources(profile)
    for name, read in profile.restricted.reads.items():
        yield from (f"[restricted.reads.{name}] {problem}" for problem in _read(read))
    done = {action.do for action in profile.actions.values() if isinstance(action, ElevationAction)}
    for do in _DONE if profile.restricted.reads else ():
        if do not in done:
            yield f'[restricted.reads] no action has effect = "elevation" and do = "{do}"'


def _columns(profile: Profile, mapping: Mapping) -> Iterator[str]:
    """What still reads a column when every text that may be hidden is."""
    for place, role in profile.restricted.columns.items():
        table, _, column = place.rpartition(".")
        hidden = shown_to(role, mapping, profile.restricted)
        for part in (hidden.source, hidden.attempts, hidden.workers, hidden.runs):
            if part is None or part.table != table:
                continue
            keys = [key for key, text in _texts(hidden, "") if mentions(text, part.alias, {column})]
            if keys:
                yield f"[restricted.columns] {place}: the mapping's {keys[0]} cannot do without it"
            if RANK[role] >= RANK["operator"]:
                yield from _matched(mapping, hidden, place)


def _matched(mapping: Mapping, hidden: Mapping, place: str) -> Iterator[str]:
    """A preview shows what its effect insists on."""
    for do, effect in mapping.actions.items():
        rows, kept = (mapping.columns, hidden.columns) if effect.of == "jobs" else (mapping.runs, hidden.runs)
        for column in effect.match:
            if getattr(rows, column, None) != getattr(kept, column, None):
                yield f"[restricted.columns] {place}: the mapping's actions.{do}.match would show {column}"


def _texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Model):
        node = {key: getattr(node, key) for key in type(node).model_fields}
    if isinstance(node, str):
        yield path, node
    for key, value in node.items() if isinstance(node, dict) else ():
        if key not in _NO_SQL and key != "write":
            yield from _texts(value, f"{path}.{key}".lstrip("."))


def _queries(profile: Profile) -> Iterator[str]:
    for name, query in profile.of_kind("sql").items():
        hidden = profile.restricted.hidden(query.role)
        for table, columns in query.reads.items():
            for column in sorted(hidden.get(table, set()) & set(columns)):
                yield f"[sources.{name}] reads: {table}.{column} is restricted for its role, {query.role}"


def _sources(profile: Profile) -> Iterator[str]:
    for name in profile.restricted.sources:
        source = profile.sources.get(name)
        if source is None:
            yield f"[restricted] sources: there is no source {name!r}"
        elif KINDS.get(source.kind) is not NamedValues:
            yield f"[restricted] sources: {name} is of kind {source.kind}: only named figures are kept as a whole"


def _read(read: Read) -> Iterator[str]:
    used = set(_PLACEHOLDER.findall(read.query))
    for name in sorted(used - read.params.keys()):
        yield f"query: :{name} has no pattern in `params`"
    for name in sorted(read.params.keys() - used):
        yield f"params: {name} does not stand in the query"
    if read.job and read.job not in read.params:
        yield f"job: there is no parameter {read.job!r}"
    for name, pattern in read.params.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"params.{name}: not a pattern: {error}"
