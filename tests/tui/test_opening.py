"""A profile that was valid before is painted before it is validated; a bad one is refused either way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from services.errors import ConfigError
from services.profile import shipped
from services.profile.known import knows
from services.profile.place import find
from services.profile.raw import read
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.opening import Unread, open_profile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    shipped_one = find(shipped()[0])
    assert shipped_one is not None
    copy = tmp_path / "watchdeck.toml"
    copy.write_text(shipped_one.read_text())
    copy.chmod(0o600)
    return copy


def unread(path: Path) -> Unread:
    open_profile(path)
    second = open_profile(path)
    assert isinstance(second, Unread)
    return second


def test_the_first_time_it_is_validated_before_the_terminal_is_taken(path: Path) -> None:
    assert not knows(read(path))
    assert not isinstance(open_profile(path), Unread)
    assert knows(read(path))


def test_a_changed_profile_is_validated_first_again(path: Path) -> None:
    open_profile(path)
    path.write_text(path.read_text().replace("[environment]", "[environment]\nproduktion = true", 1))
    with pytest.raises(ConfigError, match="produktion: unknown key"):
        open_profile(path)


def console(opened: Unread) -> Watchdeck:
    stand = Stand()
    return Watchdeck(opened, clock=stand.clock, build=stand.build)


async def until(pilot: Pilot[int], holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        await pilot.pause(0.01)


async def test_the_frame_has_title_and_environment_and_fills(path: Path) -> None:
    opened = unread(path)
    app = console(opened)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.ready and app.polling.poller is not None, "polling")
        assert app.profile is not None
        assert app.profile.title == opened.raw.title
        assert app.action_keys == opened.action_keys


async def test_a_view_asked_for_before_the_profile_is_read_is_shown_then(path: Path) -> None:
    app = console(unread(path))
    async with app.run_test(size=(120, 40)) as pilot:
        assert not app.ready
        app.view("locks")
        await until(pilot, lambda: app.front is not None and app.front.view == "locks", "the view")


async def test_what_is_found_wrong_late_ends_the_console_with_its_reason(path: Path) -> None:
    opened = unread(path)
    opened.raw.data["rules"] = {"bad": {}}
    app = console(opened)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.refused is not None, "the refusal")
    assert app.return_code == ConfigError.exit_code
    assert "rules.bad" in str(app.refused)
