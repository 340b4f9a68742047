"""Log lines of several sources in the order of their time, followed until somebody looks up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.readings import LogLine, LogsValues, SourceState
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import figure, moment, why
from widgets.lines import Line, Segment
from widgets.pane import Content, Lines
from widgets.silent import silent_row
from widgets.table import Table, TablePane
from widgets.vitals import Vitals

SHOWN = 2_000  # the newest lines of all sources together
_COLUMNS = (
    Column("at", "Time", 8),
    Column("level", "Level", 8),
    Column("from", "From", 14, drop=1),
    Column("text", "Text", "1fr", least=20),
)
_INKS: dict[str, str] = {"critical": "bad", "error": "bad", "warning": "warn", "debug": "dim"}
_MARKS = {"critical": "✖ crit", "error": "✖ error", "warning": "▲ warn"}


class Merged:
    """Keeps the rows it has made: most lines of a reading were in the one before."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Row] = {}
        self._of: tuple[object, ...] = ()
        self._table = Table(_COLUMNS, (), "no line yet")

    def table(self, states: Sequence[SourceState]) -> Table:
        """The same one as long as nothing new was read."""
        read = [(state.source, state.good.values) for state in states if state.good]
        values = [(source, each) for source, each in read if isinstance(each, LogsValues)]
        of = tuple(line for _, each in values for line in (each.lines[:1] + each.lines[-1:]))
        if of != self._of:
            self._of = of
            self._table = Table(_COLUMNS, self._merge(values), "no line yet")
        return self._table

    def _merge(self, values: Sequence[tuple[str, LogsValues]]) -> tuple[Row, ...]:
        """By their time; a line that tells none stays behind the one before it."""
        timed: list[tuple[float, str, LogLine]] = []
        for source, each in values:
            last = 0.0
            for line in each.lines:
                last = last if line.at is None else max(last, line.at)
                timed.append((last, source, line))
        timed.sort(key=lambda found: found[0])
        newest = {(source, line.number): line for _, source, line in timed[-SHOWN:]}
        self._rows = {key: self._rows.get(key) or _row(key, line) for key, line in newest.items()}
        return tuple(self._rows.values())


def _row(key: tuple[str, int], line: LogLine) -> Row:
    ink = _INKS.get(line.level, "")
    text: Segment = (line.text, ink if ink in ("bad", "dim") else "")
    cells = (_clock(line.at), (_MARKS.get(line.level, f"  {line.level}"), ink), (line.origin, "accent"), text)
    fields = {"from": line.origin, "level": line.level, "request": line.request, "text": line.text, "source": key[0]}
    return Row(f"{key[0]}/{key[1]}", cells, (line.at, line.level, line.origin, line.text), fields, line)


def _clock(at: float | None) -> Segment:
    return ("-", "dim") if at is None else (datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S"), "dim")


class LogPane(TablePane):
    """Follows while the cursor is on the last line, as a terminal does; one that looks up is left in peace."""

    def show(self, content: Content | None, vitals: Vitals) -> None:
        if content is self.content:  # a filter was applied when it was set
            self.retell(vitals)
            return
        follows = self.following
        super().show(content, vitals)
        if follows:
            self.bottom()

    def retell(self, vitals: Vitals) -> None:
        super(TablePane, self).show(None, vitals)

    @property
    def following(self) -> bool:
        return not self.rows or self.selected is self.rows[-1]

    def note(self) -> Line:
        said: Segment = ("· following ", "good") if self.following else ("· held: G follows again ", "warn")
        return (*super().note(), said)


def detail(line: LogLine, source: str) -> Facts:
    """The line under the cursor, whole."""
    request = f"{line.request} (Enter: all its lines, of every source)" if line.request else ""
    facts: tuple[tuple[str, str | Segment], ...] = (
        ("request", (request, "accent")),
        ("from", f"{line.origin}, by the source {source}"),
        ("at", moment(line.at) if line.at is not None else ""),
        ("level", (line.level, _INKS.get(line.level, ""))),
    )
    return Facts((((line.text, ""),),), facts)


def sources(states: Sequence[SourceState], mono: float) -> Lines:
    """One line per source: how much it writes, how much of that is errors, and what is wrong with it."""
    return Lines(tuple(_source(state, mono) for state in states))


def _source(state: SourceState, mono: float) -> Line:
    values = state.good.values if state.good else None
    name: Segment = (f"{state.source:<14} ", "bold")
    silent = silent_row(state, mono, 3)
    said: Line = ((f" {silent.cells[0][0]}: {silent.cells[2][0]}", "bad"),) if silent else ()
    if not isinstance(values, LogsValues):
        return (name, *said)
    errors = why(values.errors_per_minute, figure(values.errors_per_minute)[0])
    lost = f", {values.lost:,} bytes came too fast" if values.lost else ""
    note = f" · {values.note}" if values.note else ""
    if errors == why(values.per_minute, ""):  # neither is known, for the same reason
        return (name, (f"{values.about}: {errors}{lost}{note}", "unknown"), *said)
    bad = figure(values.errors_per_minute)[0] != "0"
    mark: Segment = (f"✖ {errors} errors/min ", "bad") if bad else ("● no errors ", "good")
    return (
        name,
        mark,
        (f"· {figure(values.per_minute)[0]} lines/min · {values.about}", ""),
        (f"{lost}{note}", "warn"),
        *said,
    )
