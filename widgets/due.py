"""What is due for deletion: one row for each kind of rows that a purge of the profile's would take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from services.readings import NO_DATA_YET, Figure, NamedValues, number
from widgets.columns import Column, Row
from widgets.figures import figure, size, span
from widgets.lines import Segment
from widgets.table import Table

_COLUMNS = (
    Column("action", "For", "1fr", least=27),
    Column("kind", "What", "1fr", least=14),
    Column("due", "Due", 9, "right"),
    Column("bytes", "Size", 9, "right"),
    Column("oldest", "Oldest", 9, "right"),
    Column("alert", "", "1fr", drop=1),
)


@dataclass(frozen=True, slots=True)
class _Kind:
    action: str
    kind: str
    title: str
    figures: Mapping[str, Figure]


def due(values: NamedValues, title: Callable[[str], str], alert: Callable[[str], str]) -> Table:
    """`title`: of an action. `alert`: what fires over the figure of this name; "" for nothing."""
    rows = []
    for each in _kinds(values):
        place = f"action={each.action},kind={each.kind}"
        said = next(filter(None, (alert(f"{name}{{{place}}}") for name in each.figures)), "")
        rows.append(_row(each, title(each.action), said))
    return Table(_COLUMNS, tuple(rows), "nothing can become due")


def _kinds(values: NamedValues) -> Iterator[_Kind]:
    found: dict[tuple[tuple[str, str], ...], dict[str, Figure]] = {}
    titles = {one.labels: one.note for one in values.figures}
    for one in values.figures:
        found.setdefault(one.labels, {})[one.name] = one.value
    for labels, figures in found.items():
        told = dict(labels)
        yield _Kind(told.get("action", ""), told.get("kind", ""), titles[labels], figures)


def _row(each: _Kind, title: str, alert: str) -> Row:
    many, bytes_, oldest = (each.figures.get(name, NO_DATA_YET) for name in ("due", "due_bytes", "oldest_s"))
    none = number(many) == 0
    ink = "bad" if alert else "dim" if none else ""
    dash: Segment = ("–", "dim")
    cells = (
        (title, ink),
        (each.title, "dim" if none else ""),
        (f"✖ {figure(many)[0]}" if alert else figure(many)[0], ink),  # where there is no room to say which alert
        dash if none else size(bytes_),
        dash if none else span(oldest),
        (alert, "bad"),
    )
    order = (title, each.title, number(many), number(bytes_), number(oldest), alert)
    fields = {"action": each.action, "kind": each.kind, "state": "alert" if alert else ""}
    return Row(f"{each.action}/{each.kind}", cells, order, fields, each)
