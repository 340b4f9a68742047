"""Pictures of what is recorded: incidents with a timer that ran out, one of them page by page, a forgotten window."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from services.actions.identity import Identity
from services.profile import Profile
from services.records.store import Records
from tests.samples import TROUBLED
from tests.tui.deck import NOON, Stand
from tests.tui.test_console import front, live, text, until
from tests.tui.test_records import profile  # noqa: F401 - a fixture
from tui.app import Watchdeck

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
OPENED = NOON - 1500


@pytest.fixture(autouse=True)
def always_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ids, the same person and the same hour wherever it runs."""
    numbers = itertools.count(0xA1)
    monkeypatch.setattr("services.records.store.secrets.token_hex", lambda length: f"{next(numbers):06x}")
    monkeypatch.setattr("tui.recording.book.whoami", lambda: Identity("ana"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def _recorded(profile: Profile) -> str:  # noqa: F811
    """Somebody's morning."""
    records = Records.of(profile)
    past = records.open("incident", "incident", "uploads hang", "bo", OPENED - 90_000, severity="SEV2")
    for what, body in (
        ("set", {"field": "root-cause", "text": "a full disk"}),
        ("turned", {"state": "resolved", "text": "made room"}),
        ("closed", {}),
    ):
        records.append(past, what, "bo", OPENED - 80_000, body)
    records.append(
        "deploys-api",
        "seen",
        "watchdeck",
        OPENED - 300,
        {"source": "api", "path": "/v", "before": "2.13", "after": "2.14"},
    )
    made = records.open(
        "incident", "incident", "the api is down", "ana", OPENED, severity="SEV1", versions={"api /v": "2.14"}
    )
    for what, body in (
        ("attached", {"alert": "service-down", "title": "A health endpoint fails", "since": OPENED - 60}),
        ("acknowledged", {"text": "looking at the deploy"}),
        ("noted", {"text": "it began with the deploy\nrolling back"}),
        ("set", {"field": "scope", "text": "everything behind the api"}),
        ("prevention", {"text": "a check of addresses before a deploy", "owner": "api team"}),
    ):
        records.append(made, what, "ana", OPENED + 200, body)
    records.open("window", "planned", "new disks", "bo", OPENED - 3000, until=OPENED + 60, silence="5f3a1c")
    records.open("form", "launch", "parsers 2.1", "bo", OPENED)
    return made


async def _shown(pilot: Pilot[Any], app: Watchdeck, words: str) -> None:
    await until(pilot, lambda: words in text(app), words)
    app._tick()
    await pilot.pause()
    await pilot.pause()


@SIZES
async def test_incidents(size: tuple[int, int], picture: SnapshotAssertion, profile: Profile) -> None:  # noqa: F811
    made = _recorded(profile)
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=size) as pilot:
        await live(pilot, app)
        app.view("incidents")
        await _shown(pilot, app, "uploads hang")
        assert app == picture(name="list")
        app.record(made)
        await until(pilot, lambda: front(app).view == "incident", "the incident")
        for page, words in (("record", "everything behind"), ("timeline", "2.13 → 2.14"), ("messages", "first-word")):
            await _shown(pilot, app, words)
            assert app == picture(name=page)
            await pilot.press("v")
        await _shown(pilot, app, "the data team")
        assert app == picture(name="escalation")


@SIZES
async def test_records(size: tuple[int, int], picture: SnapshotAssertion, profile: Profile) -> None:  # noqa: F811
    _recorded(profile)
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=size) as pilot:
        await live(pilot, app)
        app.view("records")
        await _shown(pilot, app, "new disks")
        assert app == picture(name="kinds")
        app.record(next(one.id for one in app.book.listed(app.deck.wall) if one.loud))
        await _shown(pilot, app, "it is not closed")
        assert app == picture(name="window")
