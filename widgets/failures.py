"""What fails: by error code and type over time, beside the bad patterns the runbook already knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.readings import NO_DATA_YET, FailureGroup, QueueValues, Unknown
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, count, duration, share
from widgets.lines import Line, fit
from widgets.pane import Lines
from widgets.sparkline import spark
from widgets.table import Table
from widgets.verdict import Grade, above, verdict

_TREND = 10
_MINUTE = 4  # cells of a minute's count
_NAME = 24
_COLUMNS = (
    Column("code", "Error", "1fr", least=26),
    Column("type", "Type", 17, drop=1),
    Column("count", "Count", 6, "right"),
    Column("trend", "Per minute", _TREND, "right", "accent", drop=2),
    Column("last", "Last", 9, "right"),
    Column("pattern", "Known as", 22, drop=4),
    Column("message", "Message", "2fr", drop=3, least=20),
)


@dataclass(frozen=True, slots=True)
class KnownPattern:
    """A bad pattern of the runbook, as the profile has it."""

    id: str
    title: str
    codes: tuple[str, ...]
    first_checks: tuple[str, ...]
    runbook: str = ""


def known_as(code: str, patterns: Sequence[KnownPattern]) -> KnownPattern | None:
    """The first pattern that names this code; `*` at the end of a pattern's code stands for any rest."""
    return next((p for p in patterns if any(_same(code, wanted) for wanted in p.codes)), None)


def _same(code: str, wanted: str) -> bool:
    return code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted


def groups(values: QueueValues, now: float, patterns: Sequence[KnownPattern] = ()) -> Table:
    """One row per error code and type, the most frequent first."""
    rows = tuple(_row(group, now, known_as(group.error_code, patterns)) for group in values.failures)
    return Table(_COLUMNS, rows, _none(values))


def _none(values: QueueValues) -> str:
    if why := _unseen(values):
        return why
    return f"● no attempt ended in an error in the last {duration(values.window_s)}"


def _unseen(values: QueueValues) -> str:
    """Why failures would not be seen, neither of jobs that ended nor of attempts; "" where they would."""
    tried = values.total.retry_rate
    if isinstance(values.ended, Unknown) and isinstance(tried, Unknown) and tried != NO_DATA_YET:
        return f"? failures: {values.ended}"
    return ""


def _row(group: FailureGroup, now: float, pattern: KnownPattern | None) -> Row:
    code = group.error_code or "(no code)"
    title = pattern.title if pattern else ""
    cells = (
        code,
        group.type,
        count(group.count),
        spark(group.per_minute, _TREND),
        ago(group.last_at, now),
        title,
        (group.last_message, "dim"),
    )
    order = (code, group.type, group.count, None, -group.last_at, title or None, group.last_message)
    fields = {"error": group.error_code, "type": group.type, "message": group.last_message, "pattern": title}
    return Row(f"{group.error_code}/{group.type}", cells, order, fields, group)


def detail(group: FailureGroup, now: float, patterns: Sequence[KnownPattern] = (), flag: str = "") -> Facts:
    """One group in full: the last message, what the runbook knows about it, and the switch that the message names."""
    pattern = known_as(group.error_code, patterns)
    facts = (
        ("message", group.last_message),
        ("known as", pattern.title if pattern else ""),
        ("look at", "; ".join(pattern.first_checks) if pattern else ""),
        ("flag", flag),
    )
    head = ((group.error_code or "(no code)", "title"), (f"  {group.type}", "bold"))
    return Facts(((*head, (f"  {count(group.count)}, last {ago(group.last_at, now)}", "dim")),), facts)


@dataclass(frozen=True, slots=True)
class OverTime:
    """Content: the commonest errors minute by minute, one row each under the newest minute; more rows, more errors."""

    values: QueueValues

    def lines(self, width: int, height: int) -> Sequence[Line]:
        groups = self.values.failures[: max(0, height - 1)]
        longest = max((len(group.per_minute) for group in groups), default=0)
        if not longest:
            return [((_unseen(self.values) or "no attempt ended in an error", "dim"),)]
        shown = min(longest, max(1, (width - _NAME) // _MINUTE))
        each = max(_MINUTE, min(_MINUTE + 2, (width - 2 * _NAME) // shown))
        name = width - each * shown
        head = (
            ("errors a minute".ljust(name), "dim"),
            (f"{shown - 1} m ago".ljust(each * shown - 3), "dim"),
            ("now", "dim"),
        )
        return [head, *(self._row(group, name, each, shown) for group in groups)]

    def _row(self, group: FailureGroup, name: int, each: int, shown: int) -> Line:
        said = fit(((group.error_code or "(no code)", "bold"), (f" {group.type}", "dim")), name)
        minutes = [None] * (shown - len(group.per_minute)) + list(group.per_minute[-shown:])
        drawn = "".join(f"{'' if m is None else count(m) if m else '·':>{each}}" for m in minutes)
        return (*said, (drawn, "accent"))


def patterns_table(patterns: Sequence[KnownPattern], values: QueueValues | None = None) -> Table:
    """The known bad patterns, those seen now first, with what to look at first."""
    seen: Mapping[str, int] = _seen(patterns, values)
    columns = (
        Column("seen", "Seen", 6, "right"),
        Column("title", "Known bad pattern", "1fr", least=16),
        Column("check", "Look at first", "2fr", drop=1, least=20),
    )
    rows = tuple(
        Row(
            pattern.id,
            (
                (count(seen[pattern.id]), "bad") if seen[pattern.id] else ("-", "dim"),
                pattern.title,
                pattern.first_checks[0] if pattern.first_checks else "",
            ),
            (seen[pattern.id], pattern.title, ""),
            {"id": pattern.id, "title": pattern.title, "error": " ".join(pattern.codes)},
            pattern,
        )
        for pattern in sorted(patterns, key=lambda p: -seen[p.id])
    )
    return Table(columns, rows, "this profile knows no bad patterns")


def _seen(patterns: Sequence[KnownPattern], values: QueueValues | None) -> Mapping[str, int]:
    found = {pattern.id: 0 for pattern in patterns}
    for group in values.failures if values else ():
        if pattern := known_as(group.error_code, patterns):
            found[pattern.id] += group.count
    return found


def summary(values: QueueValues, now: float) -> Lines:
    """The overview's tile: the rate, and the three commonest errors."""
    rate, _ = share(values.total.failure_rate)
    grade: Grade = above(values.total.failure_rate, 0.02, 0.05)
    words = f"failure rate {rate}" if grade != "unknown" else f"failure rate: {values.total.failure_rate}"
    rows: list[Line] = [verdict(grade, words)]
    rows += [
        ((f"{count(group.count):>6} ", ""), (group.error_code or "(no code)", "bold"), (f" {group.type}", "dim"))
        for group in values.failures[:3]
    ]
    if not values.failures and not _unseen(values):
        rows.append((("no attempt ended in an error", "dim"),))
    return Lines(tuple(rows))
