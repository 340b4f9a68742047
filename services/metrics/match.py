"""Which series are meant: conditions on labels, as a profile writes them, made into functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from services.readings.metrics import Labels

Condition = Callable[[str], bool]


def condition(text: str) -> Condition:
    """`500` is that value, `!500` any other, `~5..` a pattern for the whole of it, `!~5..` its opposite; `=!x` is `!x`.

    re.error when the pattern is none.
    """
    if text.startswith("!"):
        inner = condition(text[1:])
        return lambda value: not inner(value)
    if text.startswith("~"):
        pattern = re.compile(text[1:], re.DOTALL)
        return lambda value: pattern.fullmatch(value) is not None
    wanted = text.removeprefix("=")
    return lambda value: value == wanted


def matcher(match: Mapping[str, str]) -> Callable[[Labels], bool]:
    """Whether labels fulfil every condition; a label that is not there counts as empty."""
    conditions = tuple((label, condition(text)) for label, text in match.items())
    if not conditions:
        return lambda labels: True

    def fits(labels: Labels) -> bool:
        having = dict(labels)
        return all(holds(having.get(label, "")) for label, holds in conditions)

    return fits


def required(match: Mapping[str, str]) -> tuple[str, ...]:
    """The labels that a series must have to fulfil the conditions."""
    return tuple(label for label, text in match.items() if not condition(text)(""))
