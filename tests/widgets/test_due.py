"""What is due for deletion, and the figures beside it, in words where there is little room."""

from __future__ import annotations

from services.readings import NamedFigure, NamedValues
from tests import samples
from widgets import due, named
from widgets.lines import text_of

PLACE = (("action", "run-deletions"), ("kind", "request"))


def test_an_alert_is_told_in_full_where_there_is_room_and_by_its_sign_where_there_is_none() -> None:
    figures = tuple(NamedFigure(name, value, labels=PLACE) for name, value in (("due", 3), ("oldest_s", 90_000.0)))
    late = "figures.oldest_s{action=run-deletions,kind=request}".removeprefix("figures.")
    table = due.due(
        NamedValues("x", figures),
        lambda _: "Carry out deletion requests",
        lambda name: "It waits" if name == late else "",
    )
    wide, narrow = (" ".join(map(text_of, table.lines(width, 4))) for width in (120, 76))
    assert "It waits" in wide and "It waits" not in narrow
    assert "Carry out deletion requests" in narrow and "✖ 3" in narrow and "25 h" in narrow


def test_what_has_never_been_is_not_told_as_long_ago() -> None:
    at = [named._value(NamedFigure("completed_at", at, "unix"), samples.NOW)[0] for at in (0.0, samples.NOW - 120)]
    assert at == ["never", "2 m ago"]
