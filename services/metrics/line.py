"""One line of a page of metrics: name, labels, value. Slow and strict; `page.py` comes here once for each series."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_BLANK = re.compile(r"[ \t]*")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_REST = re.compile(
    r"[ \t]*(?P<value>[^ \t#{}\"]+)"
    r"(?:[ \t]+[-+]?[0-9][0-9.eE+-]*)?"  # when it was measured: a scrape has its own time
    r"(?:[ \t]+\#[ \t]*\{.*)?"  # an exemplar
    r"[ \t\r]*"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "\\": "\\", '"': '"'}


class BadLineError(ValueError):
    """What is wrong with it, in words."""


@dataclass(frozen=True, slots=True)
class Parsed:
    name: str
    labels: tuple[tuple[str, str], ...]  # as written, unsafe, sorted by name
    end: int  # of name and labels, in the line
    value: float


def parse(line: str) -> Parsed:
    """BadLineError when it is no sample."""
    at = _blank(line, 0)
    found = _NAME.match(line, at)
    name, at = (found[0], found.end()) if found else ("", at)
    labels: dict[str, str] = {}
    brace = _blank(line, at)
    if line[brace : brace + 1] == "{":
        quoted, at = _labels(line, brace + 1, labels)
        name = name or quoted
    if not name:
        raise BadLineError("it does not begin with the name of a metric")
    rest = _REST.fullmatch(line, at)
    if rest is None:
        raise BadLineError("there is no value behind the labels" if labels else "there is no value behind the name")
    return Parsed(name, tuple(sorted(labels.items())), at, number(rest["value"]))


def number(text: str) -> float:
    """A value as the format writes it: also NaN, +Inf and -Inf."""
    try:
        value = float(text)
    except ValueError:
        raise BadLineError(f"{text[:40]!r} is no number") from None
    if "_" in text:  # Python's own way of writing thousands
        raise BadLineError(f"{text[:40]!r} is no number")
    return value


def _labels(line: str, at: int, into: dict[str, str]) -> tuple[str, int]:
    """Reads up to behind the closing brace. Returns the metric's name, if it is quoted in here, and where it ends."""
    name = ""
    while True:
        at = _blank(line, at)
        if line[at : at + 1] == "}":
            return name, at + 1
        quoted = _QUOTED.match(line, at)
        label = _unescaped(quoted[1]) if quoted else _word(line, at)
        at = _blank(line, quoted.end() if quoted else at + len(label))
        if line[at : at + 1] == "=":
            value = _QUOTED.match(line, _blank(line, at + 1))
            if value is None:
                raise BadLineError(f"the value of the label {label[:40]!r} is not in quotes, or they do not end")
            if label in into:
                raise BadLineError(f"the label {label[:40]!r} stands twice")
            into[label] = _unescaped(value[1])
            at = _blank(line, value.end())
        elif quoted and not name:
            name = label
        else:
            raise BadLineError(f"the label {label[:40]!r} has no value")
        if line[at : at + 1] == ",":
            at += 1
        elif line[at : at + 1] != "}":
            raise BadLineError("there is no } behind the labels")


def _word(line: str, at: int) -> str:
    found = _NAME.match(line, at)
    if found is None:
        raise BadLineError("there is no label where one should be, or the line breaks off")
    return found[0]


def _blank(line: str, at: int) -> int:
    found = _BLANK.match(line, at)
    assert found is not None  # it matches nothing, too
    return found.end()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), text) if "\\" in text else text
