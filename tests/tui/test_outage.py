"""R12 and R13 as behaviour: with every backend swallowing bytes, keys are answered, and later all is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.profile import load
from tests.actions import Bench
from tests.conftest import Database
from tests.proxy import Proxy
from tests.tui.acting import Hands, prepared, text
from tui.app import Options, Watchdeck
from tui.screens.view import ViewScreen
from widgets.help import HelpScreen


@pytest.fixture
def links(mre: Database) -> Iterator[dict[str, Proxy]]:
    """The API's and the storage's swallow everything from the beginning; there is nothing behind them."""
    made = {name: Proxy(mre.cluster.port) for name in ("postgres", "api", "storage")}
    made["api"].blackhole()
    made["storage"].blackhole()
    yield made
    for link in made.values():
        link.close()


def behind(mine: Bench, links: dict[str, Proxy]) -> Path:
    path = mine.file()
    dsn = mine.database.cluster.dsn(dbname=mine.database.name, port=links["postgres"].port)
    text = path.read_text().replace(mine.database.dsn, dsn)
    text = text.replace("${MRE_API:-http://127.0.0.1:3000}", f"http://127.0.0.1:{links['api'].port}")
    path.write_text(text.replace("${MRE_S3:-}", f"http://127.0.0.1:{links['storage'].port}"))
    return path


async def test_keys_are_answered_while_every_backend_swallows_what_it_gets(
    mre: Database, tmp_path: Path, links: dict[str, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "none")
    mine = prepared(mre, tmp_path)
    mine.stale(2)
    path = behind(mine, links)
    app = Watchdeck(load(path), Options(profile_path=str(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        hands = Hands(pilot, app)
        await hands.live()
        links["postgres"].blackhole()
        app.refresh_sources()
        await hands.pilot.press("R")  # its preview hangs, and nothing else
        await keys_are_answered(hands)
        await hands.until(lambda: app.deck.vitals("queue").state == "stale", "the queue is stale")
        await hands.until(lambda: app.deck.vitals("http").state == "failed", "the API has failed")
        await hands.until(lambda: "✖" in text(app).splitlines()[-2], "the preview given up")
        await keys_are_answered(hands)
        links["postgres"].pass_()
        await hands.until(lambda: app.deck.vitals("queue").state == "fresh", "fresh again", 30)
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees("done: ")
    assert mine.states() == {"queued": 2}


async def keys_are_answered(hands: Hands) -> None:
    """Views, the help, the palette, and the screen held and let go."""
    for key, name in (("2", "queues"), ("4", "locks"), ("9", "storage"), ("1", "overview")):
        await hands.view(key, name)
    for key, opened in (("question_mark", HelpScreen), ("colon", object)):
        await hands.pilot.press(key)
        await hands.until(lambda opened=opened: not isinstance(hands.app.screen, ViewScreen), key)
        assert isinstance(hands.app.screen, opened)
        await hands.pilot.press("escape")
        await hands.until(lambda: isinstance(hands.app.screen, ViewScreen), "the view")
    for frozen in (True, False):
        await hands.pilot.press("z")
        await hands.until(lambda frozen=frozen: hands.app.deck.frozen is frozen, "frozen, and let go")
