"""Purges and verifications that would do something else than they say: what is not kept to, and what never holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.profile import PurgeAction, VerifyAction

_TURN = {"ids", "actor", "reason", "run", "batch"}
_END = {"word", "rows", "objects", "actor", "reason", "run"}
_NAME = re.compile(r"(?<![:\w]):([a-z_]\w*)\b")
_COLUMN = re.compile(r"\{([a-z_]\w*)\}")


def purge(action: PurgeAction) -> Iterator[str]:
    """One line per problem."""
    for name, kind in action.kinds.items():
        where = f"kinds.{name}"
        if ":ids" not in kind.sql:
            yield f"{where}.sql: it does not use :ids, so it would not keep to the rows whose objects are gone"
        for unknown in sorted(set(_NAME.findall(kind.sql)) - _TURN):
            yield f"{where}.sql: there is no :{unknown}; there are :{', :'.join(sorted(_TURN))}"
        if not re.search(r"\b(RETURNING|SELECT)\b", kind.sql, re.I):
            yield f"{where}.sql: it must bring one row back for each row that it is done with"
        if kind.table not in action.reads:
            yield f"{where}.table: {kind.table!r} is not in `reads`, so operators could not look at it"
    for unknown in sorted(set(_NAME.findall(action.ended)) - _END):
        yield f"ended: there is no :{unknown}; there are :{', :'.join(sorted(_END))}"
    if all(kind.objects.strip().upper().startswith("NULL") for kind in action.kinds.values()):
        yield 'kinds: none has objects: rows alone are changed by effect = "rows"'


def verify(action: VerifyAction) -> Iterator[str]:
    asked = set(_NAME.findall(action.subjects))
    for unknown in sorted(asked - action.params.keys()):
        yield f"params: :{unknown} in `subjects` has no pattern that its value must match"
    for unused in sorted(action.params.keys() - asked):
        yield f"params: {unused} does not stand in `subjects`"
    named = {*action.holds, *filter(None, (action.gone, action.there, action.size, action.sha256))}
    if action.answers:
        named |= set(_COLUMN.findall(action.answers.url))
    for column in sorted(named | {"id", "title"}):
        if not re.search(rf"\b{column}\b", action.subjects):
            yield f"subjects: no column {column!r} is to be seen in it"
