"""The row of a source that does not answer, among the rows of those that do."""

from __future__ import annotations

from services.readings import Fault, SourceState
from widgets.columns import Cell, Row
from widgets.facts import Facts
from widgets.figures import duration
from widgets.lines import Segment
from widgets.verdict import verdict


def silent_row(state: SourceState, mono: float, columns: int) -> Row | None:
    """First its state, then its name, then why; None for a source that answers. Its old rows stay below."""
    status = state.status(mono)
    if status == "fresh":
        return None
    fault = state.failed.fault if state.failed else None
    age = state.age_s(mono)
    word = f"stale {duration(float(int(age)))}" if age is not None else status
    says: Segment = (fault.message if fault else "no answer yet", "bad" if fault else "dim")
    cells: tuple[Cell, ...] = (("? " + word, "unknown"), state.source, says, *("",) * (columns - 3))
    fields = {"state": "unknown", "source": state.source, "says": says[0]}
    return Row(f"{state.source}/", cells, (1, state.source, says[0]), fields, fault)


def detail(fault: Fault) -> Facts:
    """What is wrong and what to do about it, whole."""
    return Facts((verdict("unknown", fault.message),), (("→", fault.remedy),))
