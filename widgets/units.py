"""Units and timers of service managers: whether they run, since when, and what does not look well though it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.readings import SourceState, Timer, Unit, UnitsValues, number
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, figure, moment, size, span, why
from widgets.lines import Line, Segment
from widgets.silent import silent_row
from widgets.table import Table
from widgets.verdict import Grade, verdict

_COLUMNS = (
    Column("state", "State", 12),
    Column("unit", "Unit", "1fr", least=18),
    Column("says", "Says", "1fr", drop=1, least=16),
    Column("since", "Since", 9, "right"),
    Column("next", "Next", 7, "right", drop=4),
    Column("restarts", "Restarts", 8, "right", drop=2),
    Column("memory", "Memory", 8, "right", drop=3),
    Column("source", "Source", 10, "left", "dim", drop=5),
)
_ORDER: tuple[Grade, ...] = ("bad", "unknown", "warn", "good")
_STATES: dict[str, tuple[Grade, str]] = {
    "active": ("good", "active"),
    "reloading": ("good", "reloading"),
    "activating": ("warn", "starting"),
    "deactivating": ("warn", "stopping"),
    "inactive": ("warn", "inactive"),
    "failed": ("bad", "failed"),
}


def units(states: Sequence[SourceState], mono: float) -> Table:
    """One row per unit and timer, those that are not well first, and one per source that does not answer."""
    rows = [row for state in states for row in _rows(state, mono)]
    rows.sort(key=lambda row: row.sort[0])
    return Table(_COLUMNS, tuple(rows), "no unit matches")


def _rows(state: SourceState, mono: float) -> Iterator[Row]:
    if row := silent_row(state, mono, len(_COLUMNS)):
        yield row
    good = state.good
    if good and isinstance(good.values, UnitsValues):
        values = good.values
        yield from (_unit(unit, state.source, good.at) for unit in values.units)
        yield from (_timer(timer, state.source, good.at) for timer in values.timers)
        for pattern in values.unmatched:
            said: Segment = ("no loaded unit has this name", "unknown")
            fields = {"unit": pattern, "state": "unknown", "source": state.source}
            yield Row(f"{state.source}/{pattern}", (("? none", "unknown"), pattern, said), (1, pattern), fields)


def _unit(unit: Unit, source: str, now: float) -> Row:
    grade, word = of_unit(unit)
    says = unit.sub if unit.result in ("", "success") else f"{unit.sub}, {unit.result}"
    restarts = number(unit.restarts)
    cells = (
        _told(grade, word),
        unit.name,
        says,
        ago(unit.since, now).removesuffix(" ago"),
        "",
        (figure(unit.restarts)[0], "warn") if restarts else figure(unit.restarts),
        size(unit.memory),
        source,
    )
    since = None if unit.since is None else -unit.since
    order = (_ORDER.index(grade), unit.name, says, since, None, restarts, number(unit.memory), source)
    fields = {"unit": unit.name, "state": word, "says": says, "source": source}
    return Row(f"{source}/{unit.unit}", cells, order, fields, unit)


def _timer(timer: Timer, source: str, now: float) -> Row:
    grade, word = of_timer(timer)
    says = f"starts {timer.starts}" + (
        f", which ended in {timer.result}" if timer.result not in ("", "success") else ""
    )
    cells = (
        _told(grade, word),
        timer.unit,
        says,
        span(timer.since_last_s),
        _next(timer, now),
        "",
        "",
        source,
    )
    order = (_ORDER.index(grade), timer.unit, says, number(timer.since_last_s), timer.next, None, None, source)
    fields = {"unit": timer.unit, "state": word, "says": says, "source": source}
    return Row(f"{source}/{timer.unit}", cells, order, fields, timer)


def of_unit(unit: Unit) -> tuple[Grade, str]:
    if unit.load != "loaded":
        return "bad", unit.load or "not there"
    if unit.restarting:
        return "bad", "restarting"
    return _STATES.get(unit.state, ("unknown", unit.state or "?"))


def of_timer(timer: Timer) -> tuple[Grade, str]:
    if timer.load != "loaded":
        return "bad", timer.load or "not there"
    if timer.result not in ("", "success"):
        return "bad", "failed"
    if timer.state == "active":
        return ("good", "waits") if timer.armed else ("bad", "elapsed")
    return _STATES.get(timer.state, ("unknown", timer.state or "?"))


def _told(grade: Grade, word: str) -> Segment:
    (shape, _), _ = verdict(grade, word)
    return f"{shape}{word}", grade


def _next(timer: Timer, now: float) -> Segment:
    if timer.next is None:
        return ("now", "") if timer.sub == "running" else ("never", "bad")
    return ago(timer.next, now).removeprefix("in "), ""


def detail(found: Unit | Timer) -> Facts:
    """Everything about the unit or timer under the cursor."""
    if isinstance(found, Timer):
        grade, word = of_timer(found)
        note: tuple[Line, ...] = ()
        if word == "elapsed":
            note = (
                (("it is active, and will never run again: start the unit it starts, or see its triggers", "warn"),),
            )
        facts: tuple[tuple[str, str | Segment], ...] = (
            ("starts", found.starts),
            ("last", moment(found.last) if found.last else why(found.since_last_s, "")),
            ("ended in", found.result or "not known"),
            ("next", moment(found.next) if found.next else "none"),
        )
        return Facts((verdict(grade, f"{found.unit}: {word}, {found.sub}"), *note), facts)
    grade, word = of_unit(found)
    facts = (
        ("is", found.description),
        ("state", f"{found.state}, {found.sub}, since {moment(found.since)}"),
        ("result", found.result),
        ("restarts", why(found.restarts, figure(found.restarts)[0])),
        ("memory", why(found.memory, size(found.memory)[0])),
    )
    return Facts((verdict(grade, f"{found.unit}: {word}"),), facts)
