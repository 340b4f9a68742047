"""The runbook opens at the section of what is selected, is searched, and starts what it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from services.readings import QueueValues
from tests.samples import TROUBLED
from tests.tui.acting import text
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.screens.runbook import Runbook
from tui.selection import Selection


def opened(app: Watchdeck) -> Runbook:
    assert isinstance(app.front, Runbook)
    return app.front


def here(app: Watchdeck) -> str:
    row = opened(app).reader.selected
    return row.fields["text"].strip() if row else ""


async def until(pilot: object, condition: Callable[[], object]) -> None:
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.01)  # type: ignore[attr-defined]
    raise AssertionError("not within 4 s")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_from_a_firing_alert_one_key_opens_its_section(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = Stand(values=TROUBLED).app()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.ready and all(map(app.deck.snapshot.get, app.deck.profile.sources)))
        await pilot.press("0")
        firing = app.deck.alerts.firing[0]
        await pilot.press("o")
        await until(pilot, lambda: here(app).startswith("§"))
        section = opened(app)._shown.section_of(opened(app).reader.selected.data)  # type: ignore[union-attr]
        assert section and f"mre#{section.anchor}" == firing.runbook
        assert app == picture
        await pilot.press("escape")
        assert app.front and app.front.view == "alerts"


async def test_a_search_shows_the_lines_that_match_and_enter_goes_to_one() -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready)
        await pilot.press("o")
        await until(pilot, lambda: app.front and app.front.view == "runbook" and opened(app).reader.rows)
        whole = len(opened(app).reader.rows)
        await pilot.press("/", *"tombstone", "enter")
        hits = opened(app).reader.rows
        assert 0 < len(hits) < whole
        assert all("tombstone" in f"{row.fields}".lower() for row in hits)
        await pilot.press("enter")
        assert len(opened(app).reader.rows) == whole
        assert opened(app).reader.selected is hits[0]


async def test_enter_on_a_line_that_names_an_action_starts_it() -> None:
    app = Stand().app("viewer")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready)
        app.runbook("mre#stale-locks", app.front.selection())  # type: ignore[union-attr]
        await until(pilot, lambda: app.front and app.front.view == "runbook" and here(app) == "§ Stale locks")
        reader = opened(app).reader
        row = next(row for row in reader.rows if "release-stale-locks" in row.data.actions)
        assert reader.go_to(row.key)
        said: list[str] = []
        app.say = lambda text, tone="": said.append(text)  # type: ignore[method-assign]
        await pilot.press("enter")
        assert said[-1].startswith("denied: ")  # a viewer may not: the gate was asked


async def test_tab_goes_from_step_to_step_says_what_enter_does_and_escape_goes_back_along_the_links() -> None:
    app = Stand(values=TROUBLED).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready and app.deck.values("queue", QueueValues))
        app.runbook("mre#storage-errors", Selection("types", type="fuse"))
        await until(pilot, lambda: app.front and app.front.view == "runbook" and here(app) == "§ Storage errors")
        await pilot.press("tab")
        assert "pause-job-type" in here(app)
        assert "Enter starts: Pause a job type (publish_session)" in text(
            app
        )  # what the text names, not what was selected
        await pilot.press("0")
        app.runbook("mre#database", Selection())
        await until(pilot, lambda: app.front and app.front.view == "runbook" and here(app) == "§ Database")
        await pilot.press("tab", "tab")
        line = here(app)
        assert "Enter goes to: Slow queries" in text(app)
        await pilot.press("enter")
        assert here(app) == "§ Slow queries"
        await pilot.press("escape")
        assert here(app) == line
        await pilot.press("escape")
        assert app.front and app.front.view == "alerts"


async def test_a_playbook_begins_at_the_heading_of_its_section() -> None:
    app = Stand(values=TROUBLED).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready and app.deck.values("queue", QueueValues))
        app.runbook("mre#queue-backlog", Selection())
        await until(pilot, lambda: app.front and app.front.view == "runbook" and here(app) == "§ Queue backlog")
        await pilot.press("tab")
        assert "Enter goes to: Playbook: fusion backlog" in text(app)
        await pilot.press("enter")
        assert here(app) == "§ Playbook: fusion backlog"
        await until(pilot, lambda: "Enter begins: Fusion holds everybody up" in text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "begin a run of “Fusion holds everybody up”?" in text(app))
        await pilot.press("y")
        await until(pilot, lambda: app.front and app.front.view == "checklist")
        await pilot.press("-")
        await until(pilot, lambda: app.front and app.front.view == "runbook")
        await until(pilot, lambda: here(app) == "§ Playbook: fusion backlog")
        await pilot.press("j", "k")
        await until(pilot, lambda: "Enter goes on with: Fusion holds everybody up" in text(app))
