"""What a profile's queues look at and what its actions write, told from the mapping: the basis of the grants.

Verbs and tables are read off the effects' SQL by their first words. What cannot be seen there, because a function or a
column's default does it, the mapping declares in `needs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.actions.effects import in_databases
from services.model import Model
from services.profile import Profile, PurgeAction, Role, VerifyAction, mapping_of
from services.queues.mapping import Mapping
from services.queues.shown import shown_to
from services.sql_text import IDENTIFIER

_COLUMN = re.compile(IDENTIFIER)
_NO_COLUMN = {"table", "pause", "limit", "exceptional", "write"}  # of flags: names and patterns of them


def reads(profile: Profile, role: Role = "admin") -> dict[str, set[str]]:
    """Table -> the columns that the console shows to the role. Never a payload; the jobs' error texts to operators."""
    found: dict[str, set[str]] = {}
    skipped = {"payload", "sql", "write"} | ({"actions"} if role == "support" else set())
    for name, queue in profile.of_kind("queue").items():
        mapping = shown_to(role, mapping_of(queue, name), profile.restricted)
        texts = list(_texts(mapping, skip=skipped))
        for table, alias in _aliases(mapping).items():
            columns = {match[1] for text in texts for match in re.finditer(rf"\b{alias}\.({IDENTIFIER})", text)}
            hidden = {
                match
                for text in _private(mapping, role in ("operator", "admin"))
                for match in re.findall(rf"\b{alias}\.({IDENTIFIER})", text)
            }
            found.setdefault(table, set()).update(columns - hidden)
        for part in (mapping.flags, mapping.reaper):
            if part is not None:
                plain = {t for t in _texts(part, skip=_NO_COLUMN) if _COLUMN.fullmatch(t)}
                found.setdefault(part.table, set()).update(plain)
    hidden_by_profile = profile.restricted.hidden(role)
    return {table: columns - hidden_by_profile.get(table, set()) for table, columns in found.items()}


def tables(profile: Profile) -> list[str]:
    """Every table that the functions of the actions, whoever executes them, read or write."""
    beside = (table for effect in in_databases(profile).values() for table in effect.tables())
    return list(dict.fromkeys((*reads(profile), *writes(profile), *beside)))


def restricted_tables(profile: Profile) -> list[str]:
    """The tables with a column that somebody does not see."""
    return list(dict.fromkeys(place.rpartition(".")[0] for place in profile.restricted.columns))


def queried(profile: Profile) -> dict[str, dict[Role, set[str]]]:
    """Table -> the columns that the profile's own queries and actions say they look at, by whom they are for."""
    found: dict[str, dict[Role, set[str]]] = {}
    actions = (action for action in profile.actions.values() if isinstance(action, PurgeAction | VerifyAction))
    for query in (*profile.of_kind("sql").values(), *actions):
        for table, columns in query.reads.items():
            found.setdefault(table, {}).setdefault(query.role, set()).update(columns)
    return found


def writes(profile: Profile) -> dict[str, set[str]]:
    """Table -> the verbs that the actions use on it."""
    found: dict[str, set[str]] = {}
    for effect in in_databases(profile).values():
        for table, verb in effect.writes():
            found.setdefault(table, set()).add(verb)
    return found


def needs(profile: Profile) -> list[str]:
    """What the actions need beside that: sequences, functions, other schemas, roles."""
    return list(dict.fromkeys(need for effect in in_databases(profile).values() for need in effect.needs()))


def _aliases(mapping: Mapping) -> dict[str, str]:
    parts = (mapping.source, mapping.attempts, mapping.workers, mapping.runs)
    return {part.table: part.alias for part in parts if part is not None}


def _private(mapping: Mapping, error_texts: bool) -> Iterator[str]:
    """What users put into jobs. The reaper's errors are the system's own, and stay."""
    yield mapping.columns.payload or ""
    if not error_texts:
        yield mapping.columns.error_text or ""
        yield (mapping.attempts and mapping.attempts.error_text) or ""


def _texts(node: Any, skip: set[str]) -> Iterator[str]:
    """Every text in a model, except under the keys in `skip`."""
    if isinstance(node, Model):
        node = {key: getattr(node, key) for key in type(node).model_fields}
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in skip:
                yield from _texts(value, skip)
    elif isinstance(node, tuple):
        for value in node:
            yield from _texts(value, skip)
