"""What the terminal is sent when there is a notice: for whom it rings, and that nothing else gets through."""

from __future__ import annotations

from dataclasses import replace

from services.alerts import Alert
from services.profile import parse
from services.watching.notices import Notice
from tests.watching import HEAD
from tui.bell import Bell

ALERT = Alert("failing", "Job failure rate", "firing", 0.071, "> 0.05", 1000.0, "SEV2", source="jobs", level="page")
FIRES = Notice("e1 fires", 1000.0, "fires", "SEV2 Job failure rate", "7.1 % > 5 %", ALERT)
CHANNELS = '[notify.ring]\nkind = "bell"\nseverities = ["SEV1"]\n[notify.desk]\nkind = "osc9"\n'


def sent(notice: Notice, env: dict[str, str]) -> list[str]:
    found: list[str] = []
    Bell(parse(HEAD + CHANNELS, "test"), found.append, env).ring(notice)
    return found


def test_it_rings_for_what_each_channel_asks_for() -> None:
    assert FIRES.alert is not None
    desk = "\x1b]9;fires: SEV2 Job failure rate, 7.1 % > 5 %\a"
    assert sent(FIRES, {}) == [desk]
    worst = replace(FIRES, alert=replace(FIRES.alert, severity="SEV1"))
    assert sent(worst, {}) == ["\a", desk]
    assert sent(replace(worst, word="resolves"), {}) == [desk.replace("fires", "resolves")]
    assert sent(replace(worst, word="flaps"), {}) == []


def test_tmux_hands_it_on_to_the_terminal_outside() -> None:
    (told,) = sent(FIRES, {"TMUX": "/tmp/tmux"})
    assert told.startswith("\x1bPtmux;\x1b\x1b]9;fires: ")
    assert told.endswith("\a\x1b\\")


def test_no_name_of_somebody_elses_ends_the_notification_early() -> None:
    (told,) = sent(replace(FIRES, title="a;b\a\x1b]0;x\x07c", text="d" * 1000), {})
    assert told.count("\x1b") == told.count("\a") == 1
    assert ";" not in told[len("\x1b]9;") :]
    assert len(told) < 220
