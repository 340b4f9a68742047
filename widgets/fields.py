"""A sheet of fields, one per row: what it is called, what stands in it, and what else there is to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from services.records.incident import Said
from widgets.columns import Column, Row, as_line
from widgets.facts import Facts
from widgets.lines import Segment
from widgets.table import Table

_NAMED = (14, 28)  # cells: the column of names is as wide as they are, within these


def fields_table(rows: Iterable[Row]) -> Table:
    found = tuple(rows)
    widest = max((cell_len(row.fields["name"]) for row in found), default=0)
    columns = (
        Column("name", "Field", max(_NAMED[0], min(_NAMED[1], widest))),
        Column("said", "", "1fr", least=34),
        Column("more", "", 24, "left", "dim", drop=1),
    )
    return Table(columns, found)


def field(key: str, name: str, said: str | Segment, more: str = "") -> Row:
    text = said if isinstance(said, str) else said[0]
    return Row(key, ((name, "dim"), said, more), (), {"name": name, "said": text})


def close_field(key: str, over: str, lacks: Sequence[str]) -> Row:
    """Where a record is closed. `over`: how it was; else `lacks` says what stands against it."""
    if over or not lacks:
        return field(key, "Close", (over, "good") if over else ("close it for good", "accent"))
    return field(key, "Close", (f"✖ {len(lacks)} missing: {'; '.join(lacks)}", "warn"))


def one_line(text: str) -> str:
    """What was written in several."""
    return " / ".join(filter(None, map(str.strip, text.split("\n"))))


def in_full(row: Row) -> Facts:
    """One row of a sheet, over as many lines as it needs."""
    more = as_line(row.cells[2])[0][0]
    return Facts((((row.fields["name"], "bold"), (f"  {more}", "dim")), ((row.fields["said"], ""),)), ())


def notes_field(notes: Sequence[Said]) -> Row:
    """The last of them, and where another one is added."""
    said: str | Segment = one_line(notes[-1].text) if notes else ("+ add a note", "accent")
    return field("note", "Note", said, f"{len(notes)} so far, n adds one")
