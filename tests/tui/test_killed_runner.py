"""R4 through the console: the runner is killed with -9 at each step, and it is settled, said and shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.actions import Bench
from tests.conftest import Database
from tests.tui.acting import Hands, console, prepared, text

ROOT = Path(__file__).parents[2]

# the real program, which kills itself as soon as it has told of this step
RUNNER = """#!{python}
import json, os, sys
sys.path.insert(0, {root!r})
from tui.cli import act

say = act._say

def say_and_die(text):
    say(text)
    if json.loads(text).get("step") == {step!r}:
        os.kill(os.getpid(), 9)

act._say = say_and_die
from tui.__main__ import main

sys.argv = ["watchdeck", *sys.argv[3:]]
main()
"""
STEPS = [("intent", "not applied"), ("effect", "done"), ("read back", "done")]


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    made = prepared(mre, tmp_path)
    made.stale(3)
    return made


def runner(folder: Path, step: str) -> Path:
    script = folder / "runner"
    script.write_text(RUNNER.format(python=sys.executable, root=str(ROOT), step=step))
    script.chmod(0o700)
    return script


@asynccontextmanager
async def operator(mine: Bench) -> AsyncIterator[Hands]:
    app = console(mine)
    async with app.run_test(size=(160, 40)) as pilot:
        hands = Hands(pilot, app)
        await hands.live()
        yield hands


def said(hands: Hands) -> str:
    """The status line, behind its mark."""
    return text(hands.app).splitlines()[-2].strip()[2:]


def states_after(word: str) -> dict[str, int]:
    return {"queued": 3} if word == "done" else {"running": 3}


@pytest.mark.parametrize(("step", "word"), STEPS)
async def test_the_next_start_of_the_console_settles_it_and_says_so(mine: Bench, step: str, word: str) -> None:
    plan = await mine.plan("release-stale-locks")
    argv = [str(runner(mine.folder, step)), "-m", "tui", "--profile", str(mine.file()), "act", plan.request.action]
    argv += ["--plan", "-", "--yes", "--reason=because", "--json"]
    killed = subprocess.run(argv, input=plan.model_dump_json(), text=True, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert len(mine.journal.unsettled()) == 1
    async with operator(mine) as hands:
        await hands.sees(f"{word}: ")
        await hands.sees("its reply was lost")
        assert mine.journal.unsettled() == () and mine.journal.verify().ok
        hands.app.view("audit")
        await hands.sees("● done" if word == "done" else "○ not applied")
    assert mine.states() == states_after(word)


@pytest.mark.parametrize(("step", "word"), [("checked", "not applied"), *STEPS, ("outcome", "done")])
async def test_the_console_whose_runner_was_killed_settles_it_too(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, step: str, word: str
) -> None:
    monkeypatch.setattr("services.actions.child.sys", SimpleNamespace(executable=str(runner(mine.folder, step))))
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        await hands.confirm("3")
        await hands.until(lambda: said(hands).startswith(f"{word}: "), word)
    assert mine.states() == states_after(word) and mine.journal.unsettled() == ()
