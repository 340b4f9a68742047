"""A record as it is handed on: facts, texts and a course, as Markdown in which nobody's words make structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.records.markdown import moment, plain

NOTHING = "*nothing is written*"


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with text of several lines, points or a table below it. Everything in it is text, never markup."""

    title: str
    text: str = ""
    points: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.text.strip() or self.points or self.rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


def markdown(sheet: Sheet) -> str:
    """The whole sheet. A part in which nothing stands says so: who reads it must not take it for left out."""
    return "\n".join(_lines(sheet)) + "\n"


def when(at: float | None) -> str:
    return "not yet" if at is None else moment(at)


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"# {plain(sheet.title)}"
    yield ""
    yield from (f"- **{name}:** {plain(said) or NOTHING}" for name, said in sheet.facts)
    for part in sheet.parts:
        yield from ("", f"## {plain(part.title)}", "")
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    if part.empty:
        yield NOTHING
        return
    if part.text.strip():
        yield from _quoted(part.text)
    yield from (f"- {plain(point)}" for point in part.points)
    if part.rows:
        yield from _table(part.head, part.rows)


def _quoted(text: str) -> Iterator[str]:
    """Each line with a mark of its own, and a break behind it: none of them can leave the quotation."""
    for row in text.split("\n"):
        said = plain(row)
        yield f"> {said}  " if said else ">"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(map(plain, row))} |" for row in rows)
