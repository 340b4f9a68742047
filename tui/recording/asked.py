"""What is asked at the bottom of the screen while something is recorded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.records.body import day

if TYPE_CHECKING:
    from tui.app import Watchdeck

_DAYS = re.compile(r"\+?(\d{1,3}) ?d")


async def line(
    app: Watchdeck,
    question: str,
    value: str = "",
    check: Callable[[str], str] | None = None,
    known: Sequence[str] = (),
    proposed: bool = True,
) -> str | None:
    """One line; None when the person left without an answer. `proposed`: the value is not what was written before."""
    from widgets.prompt import Prompt

    value = app.book.draft(question, value)
    prompt = Prompt(question, value, check=check, known=known, proposed=proposed and bool(value))
    answer: str | None = await app.push_screen_wait(prompt)
    return None if answer is None else app.book.typed(question, answer.strip())


async def lines(app: Watchdeck, question: str, value: str = "") -> str | None:
    """Text of several lines; None when it was left as it was."""
    from widgets.write import Write

    answer: str | None = await app.push_screen_wait(Write(question, app.book.draft(question, value)))
    return None if answer is None else app.book.typed(question, answer.strip())


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    return lambda text: "" if text.strip() in known else f"one of {' '.join(known)}"


def some(text: str) -> str:
    return "" if text.strip() else "a word or two"


def a_day(text: str) -> str:
    """What is wrong with a due date; none at all is none yet."""
    return "" if not text.strip() or dated(text, 0.0) else "like 2026-01-31, or +14d"


def dated(text: str, now: float) -> str:
    """ "+14d" from now, or a day as it is; "" for what is neither."""
    if found := _DAYS.fullmatch(text.strip()):
        today = date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime(now)))
        return (today + timedelta(days=int(found[1]))).isoformat()
    return day(text)
