"""`watchdeck demo` as it is typed: what it lists, what it refuses, and joining a stack that runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.demo import control
from services.demo.mre.scenarios import SCENARIOS
from tests.demo import Demo
from tui.__main__ import root


def watchdeck(*argv: str) -> Result:
    return CliRunner().invoke(root, list(argv))


def test_it_lists_every_scenario_with_its_remedy() -> None:
    listed = watchdeck("demo", "--list")
    assert listed.exit_code == 0
    assert all(name in listed.output and scenario.title in listed.output for name, scenario in SCENARIOS.items())


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--scenario", "nothing"], "stale-locks"),
        (["--join"], "--join needs --scenario"),
        (["--system", "other"], "mre"),
        (["--jobs", "-1"], "x>=0"),
    ],
)
def test_what_cannot_be_meant_is_bad_usage(argv: list[str], said: str) -> None:
    refused = watchdeck("demo", *argv)
    assert refused.exit_code == 2
    assert said in refused.output


def test_a_scenario_is_started_in_the_stack_of_the_profile(demo: Demo) -> None:
    joined = watchdeck("--profile", str(demo.profile_path), "demo", "--scenario", "api-errors", "--join")
    try:
        assert joined.exit_code == 0 and "api-errors: on" in joined.output
    finally:
        assert control.repair(demo.control, "api-errors").state == "repaired"


def test_joining_needs_the_profile_of_a_demo() -> None:
    refused = watchdeck("--profile", "mre", "demo", "--scenario", "api-errors", "--join")
    assert refused.exit_code == 2
    assert "not the profile of a running demo" in refused.output


def test_joining_a_demo_that_has_ended_says_so(demo: Demo, tmp_path: Path) -> None:
    gone = tmp_path / "gone.toml"
    gone.write_text(demo.profile_path.read_text().replace(demo.control, "http://127.0.0.1:9/secret"))
    refused = watchdeck("--profile", str(gone), "demo", "--scenario", "api-errors", "--join")
    assert refused.exit_code == 1
    assert "still running" in refused.output
