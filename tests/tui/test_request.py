"""What is selected becomes what an action is about, or a word on what to select."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.actions.ids import session
from services.profile import parse
from services.readings import Flag, FlagsValues
from tests.actions import profile_of
from tui.questions import Questions
from tui.request import Lacking, NotHere, action_for, request
from tui.selection import Selection

ACTIONS = """
[actions.end]
title = "End"
key = "T"
effect = "session"
database = "db"
do = "terminate"
[actions.end-idle]
title = "End idle ones"
effect = "session"
database = "db"
do = "terminate"
select = "idle"
[actions.vacuum]
title = "Vacuum"
effect = "maintenance"
database = "db"
do = "vacuum"
allow = [".*"]
[actions.reindex]
title = "Reindex"
effect = "maintenance"
database = "db"
do = "reindex"
allow = [".*"]
[actions.restart]
title = "Restart"
effect = "unit"
do = "restart"
units = ["a.service", "b.service"]
[actions.run]
title = "Run"
effect = "command"
argv = ["true", "{what}"]
params = { what = "[a-z]" }
"""
FLAGS = FlagsValues((Flag("formats.gpx", True, "", "", None, "", None, False),))
SESSION = session(4711, 1763713234.567891)


@pytest.fixture(scope="module")
def deck() -> Any:
    import re

    shipped = re.sub(r'(?m)^key = "T"$', "", profile_of("dbname=x"))
    return SimpleNamespace(profile=parse(shipped + ACTIONS, "test"), values=lambda *_: None)


@pytest.mark.parametrize(
    ("action", "selection", "args"),
    [
        ("end", Selection("sessions", (SESSION,)), {"ids": "4711:1763713234567891"}),
        ("end", Selection("sessions", (SESSION, "1:2"), marked=True), {"ids": f"{SESSION},1:2"}),
        ("end-idle", Selection("sessions", (SESSION,)), {}),  # the one under the cursor is not what was meant
        ("end-idle", Selection("sessions", (SESSION,), marked=True), {"ids": SESSION}),
        ("end-idle", Selection("jobs", ("1",)), {}),
        ("vacuum", Selection("tables", ("public.jobs",)), {"ids": "public.jobs"}),
        ("reindex", Selection("tables", ("public.jobs",)), {}),  # which of its indexes is asked for
        ("restart", Selection("units", ("b.service",)), {"ids": "b.service"}),
        ("restart", Selection(labels=(("unit", "b.service"),)), {"ids": "b.service"}),  # an alert is about it
        ("run", Selection(), {}),  # it is asked for
    ],
)
def test_the_selection_is_what_the_action_is_about(
    deck: Any, action: str, selection: Selection, args: dict[str, str]
) -> None:
    assert request(deck, action, selection, "key").args == args


@pytest.mark.parametrize(("action", "of"), [("end", "jobs"), ("vacuum", "sessions"), ("restart", "sessions")])
def test_ids_of_one_kind_are_never_taken_for_those_of_another(deck: Any, action: str, of: Any) -> None:
    with pytest.raises(NotHere, match="select"):
        request(deck, action, Selection(of, ("1",)), "key")


def test_what_a_name_can_tell_is_asked_for_and_the_name_decides() -> None:
    deck: Any = SimpleNamespace(profile=parse(profile_of("dbname=x"), "test"), values=lambda *_: FLAGS)
    with pytest.raises(Lacking) as lacking:
        request(deck, "pause-job-type", Selection(), "key")
    assert lacking.value.param == "type"
    assert request(deck, "pause-job-type", Selection(), "key", type="fuse").args == {"type": "fuse"}
    asked = request(deck, "toggle-format-family", Selection(), "key", family="gpx")
    assert asked.args == {"family": "gpx", "enabled": "false"}  # it is on now


@pytest.mark.parametrize(("label", "proposed"), [("x", "x"), ("no fit", "")])
async def test_what_the_alert_is_about_is_proposed_for_the_parameter_of_that_name(
    deck: Any, label: str, proposed: str
) -> None:
    asked: list[str] = []

    async def answer(prompt: Any) -> str:
        asked.append(prompt.value)
        return "y"

    app: Any = SimpleNamespace(deck=deck, push_screen_wait=answer)
    wanted = await Questions(app).about("run", Selection(labels=(("what", label),)), "key")
    assert wanted and wanted.args == {"what": "y"} and asked == [proposed]


def test_t_is_the_key_that_ends_sessions(deck: Any) -> None:
    assert action_for(deck, "T", Selection("sessions", (SESSION,))) == "end"
