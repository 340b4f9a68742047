"""What a role sees of a queue: its mapping, with the word "restricted" in the place of every text it does not see.

Nothing is selected and taken away afterwards: in the mapping that queries are made from, there is a constant instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from types import MappingProxyType
from typing import TypeVar

from services.model import Model
from services.profile.acting import Role
from services.profile.restricted import Restricted
from services.queues.mapping import Attempts, Columns, Flags, Mapping, Reaper, Runs, Workers
from services.readings.private import WITHHELD

HIDDEN = f"'{WITHHELD}'::text"  # as an expression of a mapping

Part = TypeVar("Part", bound=Model)

# The texts that can be kept from a role. Anything else a queue cannot be told of without: states, times, ids.
TEXTS: Pairs[type[Model], frozenset[str]] = MappingProxyType(
    {
        Columns: frozenset(
            ("queue", "locked_by", "payload", "unique_key", "error_code", "error_text", "owner", "group")
        ),
        Attempts: frozenset(("worker", "error_code", "error_text")),
        Workers: frozenset(("pool", "version")),
        Runs: frozenset(("session", "owner", "reprocess_of")),
        Flags: frozenset(("value", "reason", "changed_by")),
        Reaper: frozenset(("error", "actor")),
    }
)
# Of these, what the role `support` sees: metadata. Whatever is not named here it does not.
_METADATA = frozenset(
    (
        *("queue", "locked_by", "error_code", "owner", "group", "worker", "pool", "version", "session", "reprocess_of"),
        *("value", "reason", "changed_by", "actor"),
    )
)


def shown_to(role: Role, mapping: Mapping, restricted: Restricted) -> Mapping:
    """The mapping as queries for this role are made from it."""
    parts = {name: _shown(place, getattr(mapping, name), role, restricted) for name, place in _places(mapping).items()}
    return mapping.model_copy(update=parts)


def without_error_texts(mapping: Mapping) -> Mapping:
    """For a role that the database lets read everything else."""
    attempts = mapping.attempts and _hide(mapping.attempts, {"error_text"})
    return mapping.model_copy(update={"columns": _hide(mapping.columns, {"error_text"}), "attempts": attempts})


def mentions(expression: str, alias: str, columns: set[str]) -> bool:
    """Whether an expression reads one of these columns: `alias.column`, or `column` alone where there is no alias."""
    before = rf"(?<![\w.\"])\"?{re.escape(alias)}\"?\s*\.\s*" if alias else r"(?<![\w.])"
    return any(re.search(rf'{before}"?{re.escape(column)}"?(?!\w)', expression) for column in columns)


def _places(mapping: Mapping) -> dict[str, tuple[str, str]]:
    """Part of the mapping -> the table that its expressions are about, and its alias there."""
    places = {"columns": (mapping.source.table, mapping.source.alias)}
    for name in ("attempts", "workers", "runs"):
        if part := getattr(mapping, name):
            places[name] = (part.table, part.alias)
    return places | {name: (part.table, "") for name in ("flags", "reaper") if (part := getattr(mapping, name))}


def _shown(place: tuple[str, str], part: Part, role: Role, restricted: Restricted) -> Part:
    table, alias = place
    texts = {name for name in TEXTS[type(part)] if getattr(part, name) is not None}
    hidden = texts - _METADATA if role == "support" else set()
    if columns := restricted.hidden(role).get(table):
        hidden |= {name for name in texts if mentions(getattr(part, name), alias, columns)}
    return _hide(part, hidden)


def _hide(part: Part, names: set[str]) -> Part:
    return part.model_copy(update={name: HIDDEN for name in names if getattr(part, name) is not None})
