"""An incident by keys alone: from the alert that it is about to the export."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from services.profile import parse
from services.records.incident import Incident
from services.records.incident_events import incident
from services.records.urgency import by_urgency
from tests.samples import TROUBLED
from tests.tui import deck
from tests.tui.deck import Stand
from tests.tui.recorded import Hand
from tests.tui.test_console import front, live, text, until
from tui import walk
from widgets import incidents
from widgets.table import TablePane


async def test_from_the_alert_to_the_export(tmp_path: Path) -> None:
    stand = Stand(values=dict(TROUBLED))
    app = stand.app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await pilot.press("0")
        await hand.sees("A health endpoint fails")
        await pilot.press("i")
        await hand.answer("", "how bad is it?")
        await hand.answer("", "what is wrong")
        await hand.sees("Incident incident-", "✖ open", "missing before it can be closed")
        it = lambda: incident(hand.events("incident"))  # noqa: E731
        assert it().severity == "SEV1" and it().alerts[0].key in app.deck.alerts.by_key
        # what to do stands with what it is about, how it is written up with incidents
        fields = next(iter(front(app).query("#fields").results(TablePane)))
        for row, section in (("state", app.deck.alerts.firing[0].runbook), ("root-cause", "mre#incident")):
            assert fields.go_to(row)
            assert front(app).runbook(app.deck) == section
        # who takes the incident takes its alerts
        await pilot.press("a")
        await hand.answer("looking", "in hand")
        await until(pilot, lambda: it().acknowledged is not None, "acknowledged")
        await until(pilot, lambda: app.deck.alerts.get(it().alerts[0].key).acknowledged is not None, "the alert too")  # type: ignore[union-attr]
        await pilot.press("n")
        await hand.write("the api is down\nsince the deploy")
        await until(pilot, lambda: len(it().notes) == 1, "the note")
        # closing is refused, and says what is missing
        await hand.row("close")
        await hand.sees("not closed, 4 missing: state, scope, root cause, prevention")
        await hand.sees("state: it is open, not resolved", "there is not one action")
        assert it().state == "open"
        for key, said in (("scope", "the api"), ("root-cause", "a wrong address")):
            await hand.row(key)
            await hand.write(said)
        await hand.row("prevention")
        await hand.answer("check addresses at the start", "come again")
        await hand.answer("api team", "owns it")
        await hand.answer("+7d", "due when")
        await until(pilot, lambda: len(it().prevention) == 1, "the prevention")
        await hand.row("state")
        await hand.answer("resolved", "now it is")
        await hand.answer("restarted", "resolved: STILL FIRING: A health")
        await until(pilot, lambda: it().state == "resolved", "resolved")
        assert it().turns[-1].text.startswith("restarted; STILL FIRING: A health")
        # a look at something else, and back
        await pilot.press("7")
        await until(pilot, lambda: front(app).view == "api", "the view API")
        await pilot.press("minus")
        await hand.sees("▽ resolved", "What is known of it")
        await pilot.press("v")
        await hand.sees("Timeline", "in hand: looking", "note: the api is down")
        await pilot.press("v")
        await hand.sees("first-word", "As it would be sent now", "not known yet")
        await pilot.press("y")
        await hand.answer("status page", "where did it go")
        await until(pilot, lambda: len(it().updates) == 1, "the update")
        assert "not known yet" in it().updates[0].text
        await pilot.press("v", "v")
        await hand.row("close")
        await hand.answer("", "for good")
        await until(pilot, lambda: it().state == "closed", "closed")
        assert {one["kind"] for one in it().timeline} >= {"incident", "alert"}
        await hand.sees("● closed")
        await pilot.press("e")
        await hand.sees(".md and .json")
    (path,) = (tmp_path / "state" / "watchdeck" / "exports").glob("*.md")
    told = path.read_text()
    for words in ("looking", "a wrong address", "check addresses at the start", "api team", "status page"):
        assert words in told, words


async def test_a_playbook_that_is_begun_meanwhile_is_for_the_incident() -> None:
    """And what was begun since its alert fired, before anybody opened it; never a checklist of the day."""
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await app.paperwork.read()
        for before in ("failure-modes", "daily"):
            app.paperwork.hand.start(before)
        await pilot.press("0")
        await hand.sees("A health endpoint fails")
        await pilot.press("i")
        await hand.answer("", "how bad is it?")
        await hand.answer("", "what is wrong")
        await hand.sees("Incident incident-", "Which failure is it?", "0 of 7")
        it = lambda: incident(hand.events("incident"))  # noqa: E731
        for begun in ("fusion-backlog", "pre-deploy"):
            walk.enter(app, begun)
            await hand.sees("begin a run of")
            await pilot.press("y")
            await hand.sees(app.deck.profile.procedures[begun].title, "· 0 of")
        titles = {run.id: run.of for run in app.paperwork.kept.runs}
        await until(pilot, lambda: len(it().runs) == 2, "the playbook, and no checklist")
        assert [titles[run] for run in it().runs] == ["failure-modes", "fusion-backlog"]
        await pilot.press("i")
        await hand.sees("Fusion holds everybody up", "What is known of it")
        await hand.row(f"run:{it().runs[1]}")
        await hand.sees("Fusion holds everybody up · 0 of")


async def test_what_was_taken_out_meanwhile_is_missing_when_it_is_closed() -> None:
    """From another console, while this one is asked for the last word."""
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        made = await app.book.open("incident", "incident", "slow", severity="SEV1")
        for field in ("scope", "root-cause"):
            await app.book.append(made, "set", field=field, text="known")
        await app.book.append(made, "prevention", text="a check", owner="ana", due="2026-01-31")
        await app.book.append(made, "acknowledged", text="on it")
        await app.book.append(made, "turned", state="resolved")
        app.record(made)
        await hand.row("close")
        await hand.sees("for good? a last word")
        hand.records.append(made, "set", "bo", app.clock.wall(), {"field": "root-cause", "text": ""})
        hand.records.append(made, "turned", "bo", app.clock.wall(), {"state": "open"})
        await hand.answer("", "for good? a last word")
        await hand.sees("not closed, 2 missing: state, root cause")
        assert incident(hand.events("incident")).state == "open"


async def test_incidents_are_not_gone_through_with_every_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be hundreds; what is late is told once a second all the same."""
    asked: list[float] = []

    def counted(found: Iterable[Incident], record: Any, words: Any, now: float) -> tuple[Incident, ...]:
        asked.append(now)
        return by_urgency(found, record, words, now)

    monkeypatch.setattr("tui.screens.incidents.by_urgency", counted)
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await app.book.open("incident", "incident", "slow", severity="SEV1")
        app.view("incidents")
        await hand.sees("✖ open")
        asked.clear()
        front(app).show(app.deck, frozenset({"api"}))
        assert not asked
        front(app).tick(app.deck)
        assert len(asked) == 1
        # nor is one that has a long timeline
        app.record(app.book.incidents[0].id)
        await until(pilot, lambda: front(app).view == "incident" and front(app).told, "its timeline")  # type: ignore[attr-defined]
        drawn = incidents.timeline
        monkeypatch.setattr(incidents, "timeline", lambda moments: (asked.append(0.0), drawn(moments))[1])
        asked.clear()
        front(app).show(app.deck, frozenset({"api"}))
        assert not asked
        front(app).tick(app.deck)
        assert asked


async def test_of_several_incidents_it_is_asked_which_one_a_playbook_is_for() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        made = [await app.book.open("incident", "incident", title, severity="SEV3") for title in ("one", "two")]
        for answer in ("none", made[0]):
            walk.enter(app, "fusion-backlog")
            await hand.sees("begin a run of")
            await pilot.press("y")
            await hand.answer(answer, "carried out for")
            await hand.sees("· 0 of")
            app.paperwork.hand.abandon(app.paperwork.kept.runs[0].id, "tested")
            await app.paperwork.read()
        linked = {id_: len(incident(events).runs) for id_, events in hand.records.all("incident").items()}
        assert linked == {made[0]: 1, made[1]: 0}


async def test_the_procedure_that_goes_with_every_incident_is_one_key_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = (resources.files("services") / "profiles" / "mre.toml").read_text()
    made = parse(shipped.replace("[records.incident]\n", '[records.incident]\nchecklist = "daily"\n'), "mre.toml")
    monkeypatch.setattr(deck, "profile", lambda role: made)
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        app.record(await app.book.open("incident", "incident", "one", severity="SEV3"))
        await hand.row("follow")
        await hand.sees("begin a run of “Daily”?")
        await pilot.press("y")
        await hand.sees("Daily · 0 of", "begun for incident-")
        (run,) = incident(hand.events("incident")).runs
        await pilot.press("minus")
        await hand.sees(run, "0 of 6")
        assert "Enter goes through it" not in text(app)
