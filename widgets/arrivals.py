"""What should keep arriving in a bucket, backups and archived WAL: how old the newest is, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping

from services.readings import Arrival, BucketValues, Figure, Unknown, number
from widgets.columns import Cell, Column, Row
from widgets.facts import Facts
from widgets.figures import duration, figure, share, size, span, why
from widgets.lines import Line, Segment
from widgets.table import Table
from widgets.verdict import SHAPES, Grade, verdict

Due = Mapping[str, float]  # by name: how old the newest may be, seconds

_COLUMNS = (
    Column("state", "State", 10),
    Column("name", "Arrival", "1fr", least=12),
    Column("age", "Newest", 7, "right"),
    Column("due", "Next due", 9, "right"),
    Column("bytes", "Size", 8, "right"),
    Column("share", "Of usual", 8, "right"),
    Column("count", "Kept", 7, "right", drop=1),
    Column("newest", "Key", "2fr", "left", "dim", drop=2, least=24),
)
_ORDER: tuple[Grade, ...] = ("bad", "unknown", "warn", "good")
_PROVES: Line = (("that something arrived is all this proves: not that a backup can be restored", "dim"),)


def arrivals(values: BucketValues, due: Due) -> Table:
    """Those that are overdue or too small first."""
    rows = sorted((_row(each, due.get(each.name)) for each in values.arrivals), key=lambda row: row.sort[0])
    foot = (_PROVES,) if rows else ()
    return Table(_COLUMNS, tuple(rows), "no arrivals are expected here: [sources.NAME.arrivals.NAME] says which", foot)


def _row(each: Arrival, every: float | None) -> Row:
    grade, word = grade_of(each)
    # where there is none at all, there is nothing that could be known of it
    newest: tuple[Segment, ...] = (("none", "bad"), ("", ""), ("", ""), ("", ""))
    if each.count != 0:
        newest = (span(each.age_s), _due(each.age_s, every), size(each.bytes), _of_usual(each))
    cells: tuple[Cell, ...] = ((f"{SHAPES[grade]} {word}", grade), each.name, *newest, figure(each.count), each.newest)
    left = None if (age := number(each.age_s)) is None or every is None else every - age
    figures = (number(each.age_s), left, number(each.bytes), number(each.size_share), number(each.count))
    fields = {"state": word, "name": each.name, "prefix": each.prefix, "key": each.newest}
    return Row(each.name, cells, (_ORDER.index(grade), each.name, *figures, each.newest), fields, each)


def grade_of(each: Arrival) -> tuple[Grade, str]:
    """A size that nobody can judge yet leaves open whether what arrived is whole."""
    if each.overdue == 1:
        return "bad", "overdue"
    if each.shrunken == 1:
        return "bad", "shrunken"
    if isinstance(each.overdue, Unknown):
        return "unknown", "unknown"
    if isinstance(each.shrunken, Unknown) and each.shrunken.why != "not configured":
        return "unknown", "arrives"
    return "good", "arrives"


def _due(age_s: Figure, every: float | None) -> Segment:
    age = number(age_s)
    if every is None or age is None:
        return "?", "unknown"
    late = age - every
    return (f"{duration(late)} late", "bad") if late > 0 else (f"in {duration(-late)}", "")


def _next(age_s: Figure, every: float | None) -> str:
    """In a sentence: "30 h late", "the next is due in 16 h"."""
    told, ink = _due(age_s, every)
    return told if ink else f"the next is due {told}"


def _of_usual(each: Arrival) -> Segment:
    if each.shrunken == 1:
        return f"✖ {share(each.size_share)[0]}", "bad"
    return share(each.size_share)


def detail(each: Arrival, due: Due, min_share: float) -> Facts:
    """The arrival under the cursor, whole."""
    grade, word = grade_of(each)
    every = due.get(each.name)
    expected = f"one every {duration(every)} below {each.prefix}" if every else f"below {each.prefix}"
    judged = f"; at least {share(min_share)[0]}" if min_share else "; its size is not judged"
    facts: tuple[tuple[str, str | Segment], ...] = (
        ("expected", expected),
        ("newest", each.newest or (str(each.age_s), "unknown")),
        ("age", f"{span(each.age_s)[0]}, {_next(each.age_s, every)}" if each.newest else ""),
        ("size", f"{_why(each.bytes, size(each.bytes))}, {_compared(each)}{judged}" if each.newest else ""),
        ("kept", f"{figure(each.count)[0]} that match" if number(each.count) is not None else ""),
        ("→", each.fault.remedy if each.fault else ""),
    )
    both = " and shrunken" if word == "overdue" and each.shrunken == 1 else ""
    return Facts((verdict(grade, f"{each.name}: {word}{both}"),), facts)


def _why(value: Figure, shown: Segment) -> str:
    return why(value, shown[0])


def _compared(each: Arrival) -> str:
    if isinstance(each.size_share, Unknown):
        return f"usual size: {each.size_share}"
    return f"{share(each.size_share)[0]} of the median of those before"
