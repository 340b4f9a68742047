"""A command of the profile's on its way: from the command line and from the console, heard while it runs, cut short."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from services.profile import load
from tests.actions import Bench
from tests.conftest import Database
from tests.tui.acting import operator, prepared

ACTION = """
[actions.rebuild]
title = "Rebuild the report"
effect = "command"
argv = ["{program}", "{{kind}}"]
params = {{ kind = "[a-z]+" }}
risk = "low"
look = "the report's date"
"""
PROGRAM = """#!{python}
import sys, time
print("pages of", sys.argv[1], flush=True)
while sys.argv[1] == "all":
    time.sleep(0.1)
"""


class WithCommand(Bench):
    """The bench, whose profile has one action more."""

    def file(self) -> Path:
        path = super().file()
        program = self.folder / "rebuild"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        path.write_text(path.read_text() + ACTION.format(program=program))
        path.chmod(0o600)
        return path


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    made = prepared(mre, tmp_path)
    there = WithCommand(made.database, made.profile, made.journal, tmp_path)
    return replace(there, profile=load(there.file()))


def test_ctrl_c_ends_the_command_and_what_it_did_is_not_known(mine: Bench) -> None:
    command = [sys.executable, "-m", "tui", "--profile", str(mine.file()), "act", "rebuild"]
    command += ["--set", "kind=all", "--yes", "--reason", "x", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("line"):
                process.send_signal(signal.SIGHUP)  # the terminal is gone: no reason to stop
                process.send_signal(signal.SIGINT)
    assert [line.get("step") or line.get("line") for line in lines[:3]] == ["checked", "intent", "pages of all"]
    outcome = lines[-1]["outcome"]
    assert process.returncode == 4 and outcome["word"] == "unknown" and outcome["remedy"] == "look: the report's date"


async def test_from_the_palette_its_setting_is_asked_for_it_is_heard_and_can_be_stopped(mine: Bench) -> None:
    async with operator(mine, (120, 40)) as hands:
        await hands.palette("Rebuild the report")
        await hands.answer("Rebuild the report: kind?", "all")
        await hands.dialog()
        await hands.sees("1 command")
        await hands.sees("rebuild all")
        await hands.confirm("y")
        await hands.sees("Rebuild the report: pages of all …")
        await hands.palette("Stop the action under way")
        await hands.sees("unknown: Rebuild the report: ended by us")
    assert mine.ledger() == []
    assert [record["kind"] for record in mine.journal.records()] == ["intent", "settled"]
