"""A runbook as styled lines of a given width, each knowing the line of the file it is from and what it names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len

from widgets.lines import Line, Segment, cut, fit, plain

_STYLES = {"strong_open": "bold", "em_open": "bold", "link_open": "accent"}
_HEADING, _BULLET, _QUOTE, _CODE = "§ ", "• ", "│ ", "  "


@dataclass(frozen=True, slots=True)
class DocLine:
    line: Line
    source: int  # line of the file, from 0
    actions: tuple[str, ...] = ()  # ids that stand here in backticks
    links: tuple[str, ...] = ()  # where its links lead
    heading: bool = False
    named: tuple[str, ...] = ()  # all that stands in backticks in its paragraph


def document(text: str, width: int, actions: Collection[str] = ()) -> tuple[DocLine, ...]:
    """Text that is safe to show; `actions` are the ids that are recognised among what stands in backticks."""
    writer = _Writer(max(width, 10), frozenset(actions), text.split("\n"))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    writer.blocks(tokens)
    return tuple(writer.lines)


@dataclass
class _Word:
    """What must not be broken, and what it names."""

    parts: list[Segment] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return sum(cell_len(text) for text, _ in self.parts)


class _Writer:
    def __init__(self, width: int, actions: frozenset[str], file: Sequence[str]) -> None:
        self._file = file
        self.lines: list[DocLine] = []
        self._width = width
        self._actions = actions
        self._indent: list[str] = []  # what stands left of the text, per open block
        self._first: str | None = None  # instead of the last indent, on the next line only: a bullet or a number
        self._source = 0
        self._numbers: list[int | None] = []  # per open list: the next number; None: bullets

    def blocks(self, tokens: Sequence[Token]) -> None:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.map:
                self._source = token.map[0]
            if token.type == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._table(tokens[at:end])
                at = end
            else:
                self._block(token, tokens[at - 1] if at else None)
            at += 1

    def _block(self, token: Token, before: Token | None) -> None:
        if token.type.endswith("_open") or token.type in ("hr", "fence", "code_block"):
            self._part(token)
        match token.type:
            case "inline":
                heading = before is not None and before.type == "heading_open"
                self._first, self._indent = (_HEADING, ["  "]) if heading else (self._first, self._indent)
                self._inline(token, heading)
                self._indent = [] if heading else self._indent
            case "fence" | "code_block":
                for row in token.content.splitlines():
                    self._put([(_CODE + plain(row), "")], clip=True)
            case "hr":
                self._put([("─" * (self._width - self._margin), "dim")])
            case "bullet_list_open" | "ordered_list_open":
                start = int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None
                self._numbers.append(start)
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._item()
            case "list_item_close" | "blockquote_close":
                self._indent.pop()
            case "blockquote_open":
                self._indent.append(_QUOTE)

    def _part(self, token: Token) -> None:
        """An empty line where the file has one: whoever wrote it knew what belongs together."""
        above = token.map[0] - 1 if token.map else -1
        if 0 <= above < len(self._file) and not self._file[above].strip(" >"):
            self._blank()

    def _item(self) -> None:
        number = self._numbers[-1]
        mark = _BULLET if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._first = mark
        self._indent.append(" " * cell_len(mark))

    # -- lines -------------------------------------------------------------------------------------------------------

    @property
    def _margin(self) -> int:
        return sum(map(cell_len, self._indent))

    def _left(self) -> list[Segment]:
        marks = self._indent
        if self._first is not None:
            marks, self._first = [*marks[:-1], self._first], None
        return [("".join(marks), "dim")] if marks else []

    def _blank(self) -> None:
        if self.lines and self.lines[-1].line:
            self.lines.append(DocLine((), self._source))

    def _put(self, parts: list[Segment], clip: bool = False, **about: object) -> None:
        line: Line = (*self._left(), *parts)
        if clip:
            line = fit(line, self._width)
        self.lines.append(DocLine(line, self._source, **about))  # type: ignore[arg-type]

    def _inline(self, token: Token, heading: bool) -> None:
        room = self._width - self._margin
        words = list(_words(token.children or (), self._actions, "title" if heading else ""))
        named = tuple(child.content for child in token.children or () if child.type == "code_inline")
        for row in _filled(words, room):
            parts = [part for at, word in enumerate(row) for part in (*([(" ", "")] if at else []), *word.parts)]
            self._put(
                parts,
                actions=tuple(dict.fromkeys(name for word in row for name in word.actions)),
                links=tuple(dict.fromkeys(link for word in row for link in word.links)),
                heading=heading,
                named=named,
            )

    def _table(self, tokens: Sequence[Token]) -> None:
        """Each row of the table as `head: cell` lines: a grid of sentences cannot be read in 80 columns."""
        self._blank()
        heads: list[str] = []
        cells: list[Token] = []
        for token in tokens:
            if token.type == "tr_open":
                cells = []
                self._source = token.map[0] if token.map else self._source
            elif token.type == "inline":
                cells.append(token)
            elif token.type == "tr_close" and not heads:
                heads = [plain(cell.content) for cell in cells]
            elif token.type == "tr_close":
                self._row(heads, cells)

    def _row(self, heads: Sequence[str], cells: Sequence[Token]) -> None:
        self._first = _BULLET
        self._indent.append("  ")
        for head, cell in zip(heads, cells, strict=False):
            told = Token("text", "", 0, content=f"{head}: ")
            strong = [Token("strong_open", "", 0), told, Token("strong_close", "", 0)]
            self._inline(Token("inline", "", 0, children=[*strong, *(cell.children or ())]), heading=False)
        self._indent.pop()


def _words(children: Iterable[Token], actions: Collection[str], base: str) -> Iterator[_Word]:
    """Inline tokens as words; a code span is one word, so that a command is not torn apart."""
    styles = [base]
    links: list[str] = []
    word = _Word()
    for child in children:
        if child.type in _STYLES:
            styles.append(_STYLES[child.type])
            if child.type == "link_open":
                links.append(str(child.attrGet("href") or ""))
        elif child.type in ("strong_close", "em_close", "link_close"):
            styles.pop()
            if child.type == "link_close":
                links.pop()
        elif child.type == "code_inline":
            known = child.content in actions
            word.parts.append((plain(child.content), "accent" if known else "bold"))
            word.actions += [child.content] if known else []
        else:
            for piece in re.findall(r"\s+|\S+", " " if "break" in child.type else child.content):
                if piece.isspace():
                    if word.parts:
                        yield word
                    word = _Word()
                else:
                    word.parts.append((plain(piece), styles[-1]))
                    word.links += links
    if word.parts:
        yield word


def _filled(words: Iterable[_Word], width: int) -> Iterator[list[_Word]]:
    """As many words to a row as fit; one that is wider than the row is cut."""
    row: list[_Word] = []
    used = 0
    for word in words:
        if row and used + 1 + word.width > width:
            yield row
            row, used = [], 0
        if word.width > width:
            word.parts = [(cut("".join(text for text, _ in word.parts), width), word.parts[0][1])]
        used += word.width + (1 if row else 0)
        row.append(word)
    if row:
        yield row
