"""What a profile's queues look at and what its actions write, told from the mapping: the basis of the grants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.model import Model
from services.profile import FlagAction, Profile, RowsAction, mapping_of
from services.queues.mapping import Mapping

_WRITE = re.compile(r"\b(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+(?:ONLY\s+)?([a-z_][\w.]*)", re.I)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def reads(profile: Profile) -> dict[str, set[str]]:
    """Table -> the columns that the console looks at."""
    found: dict[str, set[str]] = {}
    for name, queue in profile.of_kind("queue").items():
        mapping = mapping_of(queue, name)
        texts = list(_texts(mapping, skip={"payload", "sql", "write"}))
        for table, alias in _aliases(mapping).items():
            columns = {match[1] for text in texts for match in re.finditer(rf"\b{alias}\.([a-z_]\w*)", text)}
            found.setdefault(table, set()).update(columns - _payload(mapping))
        for part in (mapping.flags, mapping.reaper):
            if part is not None:
                plain = {t for t in _texts(part, skip={"table", "pause", "limit", "write"}) if _NAME.fullmatch(t)}
                found.setdefault(part.table, set()).update(plain)
    return found


def writes(profile: Profile) -> dict[str, set[str]]:
    """Table -> the verbs that the actions use on it."""
    found: dict[str, set[str]] = {}
    for action in profile.actions.values():
        mapping = mapping_of(profile.sources[action.queue], action.queue)  # type: ignore[arg-type]
        for table, verb in _verbs(action, mapping):
            found.setdefault(table, set()).add(verb)
    return found


def _verbs(action: RowsAction | FlagAction, mapping: Mapping) -> Iterator[tuple[str, str]]:
    if isinstance(action, FlagAction):
        flags = mapping.flags
        if flags is not None:
            # an upsert says INSERT once and UPDATE without a table
            yield from ((flags.table, verb) for verb in ("INSERT", "UPDATE"))
        return
    effect = mapping.actions[action.do]
    locked = mapping.runs.table if effect.of == "runs" and mapping.runs else mapping.source.table
    yield locked, "UPDATE"  # FOR UPDATE needs it, whatever the effect writes
    for verb, table in _WRITE.findall(effect.sql):
        yield table, verb.split()[0].upper()


def _aliases(mapping: Mapping) -> dict[str, str]:
    parts = (mapping.source, mapping.attempts, mapping.workers, mapping.runs)
    return {part.table: part.alias for part in parts if part is not None}


def _payload(mapping: Mapping) -> set[str]:
    return {(mapping.columns.payload or "").partition(".")[2]}


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
