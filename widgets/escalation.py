"""Whom to call about what: the first contact, and who comes then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.columns import Column, Row
from widgets.table import Table


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    title: str
    first: str
    then: str
    contact: str


_COLUMNS = (
    Column("title", "About", "1fr", least=18),
    Column("first", "First", "1fr", least=16),
    Column("then", "Then", "1fr", least=16),
    Column("contact", "How", "1fr", "left", "dim", drop=1, least=16),
)


def escalation(found: Sequence[Call]) -> Table:
    rows = tuple(
        Row(
            one.id,
            (one.title, (one.first, "bold"), one.then, one.contact),
            (one.title, one.first, one.then, one.contact),
            {"about": one.title, "first": one.first, "then": one.then},
            one,
        )
        for one in found
    )
    return Table(_COLUMNS, rows, "this profile has no [escalation]: nobody is named for anything")
