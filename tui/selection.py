"""What an action would be about: the marked rows, the row under the cursor, or all that match a filter.

The ids are what an action's `ids=` takes. jobs, locks, runs: the row's id. sessions: services.actions.ids.session(pid,
backend_start), because a process id alone may be another's by now. tables: schema.name, unquoted. units: the
unit's name. elevations: their ids. remote: the fingerprint of an alert that the Alertmanager of `source` tells of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widgets.table import TablePane

Of = Literal[
    "",
    "jobs",
    "locks",
    "runs",
    "flags",
    "types",
    "sessions",
    "tables",
    "units",
    "remote",
    "elevations",
    "dumps",
]


@dataclass(frozen=True)
class Selection:
    """`filter` stands for rows that are not all on the screen; then `ids` is empty."""

    of: Of = ""
    ids: tuple[str, ...] = ()
    marked: bool = False
    type: str = ""  # the job type under the cursor
    flag: str = ""
    filter: str = ""
    source: str = ""  # which source tells of it, where an id is one only there
    labels: tuple[tuple[str, str], ...] = ()  # of the alert under the cursor: which of several it is about


def rows_of(pane: TablePane, of: Of) -> Selection:
    """The marked rows, else the one under the cursor; its type stands in the field `type`."""
    marked = pane.marked
    here = pane.selected
    rows = marked or ((here,) if here else ())
    return Selection(of, tuple(row.key for row in rows), bool(marked), here.fields.get("type", "") if here else "")
