"""Programs of the profile's: run once, heard while they run, and never called done when nobody knows."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from services.action_trial import trials
from services.actions.entries import entries
from services.actions.plan import Request
from services.actions.settle import settle
from services.errors import ActionError
from services.lint import check
from tests.actions import until
from tests.outside import WHY, bench, program
from tests.services.test_run import alive


def command(path: Path, **more: object) -> str:
    """An action with two parameters."""
    table = {"argv": [str(path), "--kind", "{kind}", "{name}"], "timeout": "5s", **more}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    return f"""
[actions.rebuild]
title = "Rebuild"
effect = "command"
{lines}params = {{ kind = "[a-z-]+", name = ".*" }}
"""


async def test_a_command_gets_its_arguments_as_they_are_and_what_it_says_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary")
    names = ("WATCHDECK_ACTION_ID", "SECRET_TOKEN")
    says = f"print(json.dumps(sys.argv[1:]))\nprint('\\x1b[2J', *map(os.environ.get, {names}))"
    path = program(tmp_path, "rebuild", says)
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="$(touch x); 'a b'")
    assert "'$(touch x); '\"'\"'a b'\"'\"''" in plan.changes[0]
    said: list[str] = []
    outcome = await mine.act(plan, said)
    assert outcome.word == "done" and json.loads(said[0]) == ["--kind", "all", "$(touch x); 'a b'"]
    assert said[1] == f"\\x1b[2J {outcome.id} None"  # none of our secrets
    assert entries(mine.journal)[0].outcome == "done"


async def test_a_command_and_its_check_run_in_the_folder_and_with_the_variables_of_the_profile(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = program(tmp_path, "here", "print(os.getcwd(), os.environ['TARGET'])")
    test = ["sh", "-c", 'test "$PWD $TARGET" = "' + f'{home} blue"']
    table = {"argv": [str(path)], "directory": str(home), "post_check": test}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    written = f'[actions.here]\ntitle = "Here"\neffect = "command"\n{lines}env = {{ TARGET = "blue" }}\n'
    mine = bench(tmp_path, written)
    said: list[str] = []
    outcome = await mine.act(await mine.plan("here"), said)
    assert outcome.word == "done" and said == [f"{home} blue"]
    home.rmdir()
    with pytest.raises(ActionError, match="there is no folder"):
        await mine.plan("here")


@pytest.mark.parametrize(
    "args",
    [
        {"kind": "all", "name": "--delete"},
        {"kind": "-x", "name": "a"},
        {"kind": "all", "name": "a\nb"},
        {"kind": "ALL", "name": "a"},
        {"kind": "all"},
        {"kind": "all", "name": "a", "more": "b"},
    ],
)
async def test_what_could_be_taken_for_something_else_is_no_argument(tmp_path: Path, args: dict[str, str]) -> None:
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", "")).replace('name = ".*"', 'name = ".+"'))
    with pytest.raises(ActionError):
        await mine.plan("rebuild", **args)


async def test_a_plan_whose_command_was_edited_runs_nothing(tmp_path: Path) -> None:
    path = program(tmp_path, "rebuild", f"open({str(tmp_path / 'ran')!r}, 'w')")
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="a")
    evil = plan.model_copy(update={"detail": {"argv": ["/bin/sh", "-c", f"touch {tmp_path / 'ran'}"]}})
    other = plan.model_copy(update={"request": Request(action="rebuild", args={"kind": "all", "name": "-rf"})})
    elsewhere = plan.model_copy(update={"server": "another-host"})
    old = plan.model_copy(update={"taken_at": time.time() - 61})
    for edited in (evil, other, elsewhere, old):
        outcome = await mine.act(edited)
        assert outcome.word == "not applied", outcome.message
    changed = bench(tmp_path, command(path, argv=[str(path), "{name}", "{kind}"]))
    assert "no longer the previewed one" in (await replace(changed, journal=mine.journal).act(plan)).message
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("does", "check_", "word", "said"),
    [
        ("print('half way'); sys.exit(3)", None, "partial", "exit code 3: half way"),
        ("os.kill(os.getpid(), 9)", None, "partial", "ended by signal 9"),
        ("", "sys.exit(0)", "done", "the check afterwards holds"),
        ("", "sys.exit(1)", "partial", "the check afterwards does not hold"),
        ("", "time.sleep(60)", "unknown", "could not be asked"),
        ("print('on it', flush=True); time.sleep(60)", None, "unknown", "ended by us after 1 s: on it"),
    ],
)
async def test_the_word_is_what_is_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, check_: str | None, word: str, said: str
) -> None:
    monkeypatch.setattr("services.actions.effects.check.WITHIN_S", 0.3)
    more = {"post_check": [str(program(tmp_path, "check", check_))]} if check_ else {}
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", does), timeout="600ms", **more))
    outcome = await mine.do("rebuild", kind="all", name="a")
    assert (outcome.word, outcome.applied) == (word, 1 if word == "done" else None)
    assert said in outcome.message and (word == "done" or outcome.remedy.startswith("look: "))


async def test_what_the_check_cannot_be_given_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = program(tmp_path, "rebuild", f"open({str(tmp_path / 'ran')!r}, 'w')")
    mine = bench(tmp_path, command(path, argv=[str(path), "{kind}"], post_check=["true", "{name}"]))
    with pytest.raises(ActionError, match="taken for an option"):
        await mine.plan("rebuild", kind="all", name="-x")
    plan = await mine.plan("rebuild", kind="all", name="a")
    edited = plan.model_copy(update={"request": Request(action="rebuild", args={"kind": "all", "name": "-x"})})
    outcome = await mine.act(edited)
    assert outcome.word == "not applied" and not (tmp_path / "ran").exists()


async def test_a_program_that_is_not_there_is_said_before_and_has_done_nothing(tmp_path: Path) -> None:
    path = program(tmp_path, "rebuild", "")
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="a")
    (fine,) = await trials(mine.profile, False)
    path.unlink()
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "there is no program" in outcome.message
    with pytest.raises(ActionError, match="there is no program"):
        await mine.plan("rebuild", kind="all", name="a")
    (finding,) = await trials(mine.profile, False)
    assert (fine.word, finding.word) == ("ok", "failed")


async def test_a_flood_is_bounded_and_the_program_is_not_held_up(tmp_path: Path) -> None:
    flood = (
        "for _ in range(40):\n    os.write(1, b'noise ' * 1000 + b'\\n' + b'x\\n' * 1000)\nos.write(1, b'y' * 1000000)"
    )
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", flood), timeout="20s"))
    said: list[str] = []
    outcome = await mine.act(await mine.plan("rebuild", kind="all", name="a"), said)
    assert outcome.word == "done" and len(said) == 300 and "more than is shown" in said[-1]
    assert max(map(len, said)) <= 310 and len(outcome.message) < 600


async def test_what_ignores_the_request_to_end_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.streamed.PATIENCE_S", 0.2)
    stubborn = f"""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child}}")
    print("started", flush=True)
time.sleep(60)
"""
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", stubborn), timeout="60s"))
    runner = mine.runner(await mine.plan("rebuild", kind="all", name="a"))

    async def enough(line: str) -> None:
        runner.stop.set()

    runner.on_line = enough
    outcome = await runner.carry_out()
    assert outcome.word == "unknown" and "ended by us" in outcome.message
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    await until(lambda: not any(map(alive, pids)), "the whole group has ended")


async def test_what_a_command_leaves_running_on_purpose_goes_on(tmp_path: Path) -> None:
    leaves = f"""
if child := os.fork():
    open({str(tmp_path / "pid")!r}, "w").write(str(child))
else:
    time.sleep(30)
"""
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", leaves)))
    outcome = await mine.do("rebuild", kind="all", name="a")
    pid = int((tmp_path / "pid").read_text())
    try:
        assert outcome.word == "done" and alive(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_an_intent_without_an_end_is_settled_as_unknown_with_what_to_look_at_and_only_once(
    tmp_path: Path,
) -> None:
    path = program(tmp_path, "rebuild", "")
    mine = bench(tmp_path, command(path, look="the count of rows in the report"))
    plan = await mine.plan("rebuild", kind="all", name="a")
    mine.journal.append_intent("0193f1c2-0000-7000-8000-000000000001", plan, WHY)
    (outcome,) = await settle(mine.profile, mine.journal, "bob")
    assert outcome.word == "unknown" and outcome.remedy == "look: the count of rows in the report"
    assert mine.journal.unsettled() == () and await settle(mine.profile, mine.journal, "bob") == ()
    assert entries(mine.journal)[0].outcome == "unknown" and mine.journal.verify().ok


async def test_in_production_the_environment_is_typed_whatever_the_risk(tmp_path: Path) -> None:
    """No system_identifier proves that it is the right place."""
    path = program(tmp_path, "rebuild", "")
    plan = await bench(tmp_path, command(path, risk="low"), "production").plan("rebuild", kind="all", name="a")
    assert (plan.confirm.kind, plan.confirm.expected, plan.confirm.reason_required) == ("name", "production", True)
    plan = await bench(tmp_path, command(path, risk="low")).plan("rebuild", kind="all", name="a")
    assert plan.confirm.kind == "key"


@pytest.mark.parametrize(("environment", "typed"), [("staging", "it is safe"), ("production", "production it is safe")])
async def test_words_of_the_actions_own_are_typed_whatever_the_risk(
    tmp_path: Path, environment: str, typed: str
) -> None:
    text = command(program(tmp_path, "rebuild", ""), risk="low", confirm="it is safe")
    plan = await bench(tmp_path, text, environment).plan("rebuild", kind="all", name="a")
    assert (plan.confirm.kind, plan.confirm.expected, plan.confirm.reason_required) == ("name", typed, True)


@pytest.mark.parametrize(
    ("good", "evil", "problem"),
    [
        ('"{name}"', '"--name={name}"', "a placeholder stands for a whole argument"),
        ('kind = "[a-z-]+", ', "", "{kind} has no pattern"),
        ('name = ".*"', 'name = ".*", more = "x"', "more is used nowhere"),
        ('name = ".*"', 'name = "["', "params.name: not a pattern"),
        ("/bin/rebuild", "/bin/ssh", "params.name: a shell reads the command"),
    ],
)
def test_a_profile_whose_command_lets_too_much_through_is_told(
    tmp_path: Path, good: str, evil: str, problem: str
) -> None:
    text = command(tmp_path / "bin" / "rebuild")
    assert good in text
    assert any(problem in found for found in check(bench(tmp_path, text.replace(good, evil)).profile))
    assert not [found for found in check(bench(tmp_path, text).profile) if "actions" in found]
