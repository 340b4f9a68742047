"""An evidence report: what was looked at, what was found, and whether it passed. Written once, whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.records.completion import Completion
from services.records.event import OPENED, Event
from services.records.markdown import moment, plain
from services.records.store import Records
from services.text import safe

KIND = "report"
LINES = 2000  # of one report; a last one says how many more there were
Word = Literal["ok", "failed", "unknown"]
Figure = float | str | None  # None: not known
_WORDS: tuple[Word, ...] = ("ok", "failed", "unknown")


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. What could not be looked at is unknown, and passes for nothing."""

    word: Word
    what: str  # "object datasets/17/L1.parquet"
    said: str = ""  # "gone", "still there, 4.2 MB"


@dataclass(frozen=True)
class Report:
    """Its texts are as they were found: not yet safe to show."""

    record: str
    of: str  # the action's id
    title: str
    by: str
    at: float  # Unix seconds
    passed: bool
    lines: tuple[Line, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Line, ...]:
        """Everything that is not as it should be, and everything that could not be looked at."""
        return tuple(line for line in self.lines if line.word != "ok")


def write(
    records: Records,
    of: str,
    title: str,
    by: str,
    at: float,
    passed: bool,
    lines: Sequence[Line] = (),
    figures: Mapping[str, Figure] | None = None,
) -> str:
    """The id of the new record. WatchdeckError when it cannot be written. It waits for the disk: use a thread."""
    said = [[line.word, line.what, line.said] for line in lines[:LINES]]
    if len(lines) > LINES:
        said.append(["unknown", f"{len(lines) - LINES:,} more", "they are counted, and not listed"])
    return records.open(KIND, of, title, by, at, passed=passed, lines=said, figures=dict(figures or {}))


def fold(events: Sequence[Event]) -> Report:
    """The report of one record's events."""
    event = next(event for event in events if event.what == OPENED)
    body = event.body
    return Report(
        record=event.record,
        of=str(body.get("of", "")),
        title=str(body.get("title", "")),
        by=event.by,
        at=event.at,
        passed=body.get("passed") is True,
        lines=tuple(_line(*map(str, parts)) for parts in body.get("lines", ())),
        figures=body.get("figures", {}),
    )


def completion(events: Sequence[Event]) -> Completion:
    """A report is at its end when it is written."""
    found = fold(events)
    wrong = len(found.failed)
    said = "" if found.passed or not wrong else f"{wrong:,} of {len(found.lines):,} are not as they should be"
    return Completion(found.record, safe(found.of, 80), found.at, safe(found.by, 80), found.passed, said)


def newest(records: Records, of: str) -> Report | None:
    """The last report of this action, passed or not."""
    return next((fold((event,)) for event in records.opened(KIND, of)), None)


def told(figure: Figure) -> str:
    """As it was found: not yet safe to show."""
    if figure is None or isinstance(figure, str):
        return figure or "unknown"
    return f"{figure:,.0f}" if figure == round(figure) else f"{figure:,.2f}"


def markdown(report: Report) -> str:
    """The whole report for whoever asks for evidence: what is wrong first."""
    return "\n".join(_markdown(report)) + "\n"


def _line(word: str, what: str, said: str) -> Line:
    return Line(next((known for known in _WORDS if known == word), "unknown"), what, said)


def _markdown(report: Report) -> Iterator[str]:
    yield f"# {plain(report.title)}: {'passed' if report.passed else 'NOT PASSED'}"
    yield ""
    yield f"{moment(report.at)}, by {plain(report.by)}, record {plain(report.record)} of {plain(report.of)}"
    if report.figures:
        yield ""
        yield from (f"- {plain(name)}: {plain(told(figure))}" for name, figure in report.figures.items())
    for word, head in (
        ("failed", "Not as it should be"),
        ("unknown", "Could not be looked at"),
        ("ok", "As it should be"),
    ):
        found = [line for line in report.lines if line.word == word]
        if found:
            yield from ("", f"## {head} ({len(found)})", "")
            yield from (f"- {plain(line.what)}{f': {plain(line.said)}' if line.said else ''}" for line in found)
