"""No control byte from data reaches the terminal, and no text crashes a widget: 300 hostile texts x every widget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widget import Widget

from services.actions.plan import Plan
from services.readings import Fault, SourceState
from services.rollout import Instance, Rollout
from services.text import safe
from tests import samples, samples_database, samples_elsewhere, samples_machine, samples_reach
from tests.widgets.hostile import texts
from tests.widgets.stage import Stage
from widgets import (
    alerts,
    arrivals,
    audit,
    backups,
    checks,
    database,
    elsewhere,
    failures,
    flags,
    health,
    jobs,
    locks,
    logs,
    minio,
    named,
    queues,
    releases,
    runs,
    sessions,
    settings,
    silent,
    statements,
    storage,
    units,
)
from widgets.banner import Banner, BannerFacts
from widgets.confirm import ConfirmScreen
from widgets.footer import Footer, Hint
from widgets.help import HelpGroup, HelpLines
from widgets.pane import Content, Pane
from widgets.prompt import Prompt
from widgets.statusline import StatusLine
from widgets.table import Table, TablePane
from widgets.vitals import Vitals

NOW = samples.NOW


def hostile(value: Any, text: str) -> Any:
    """The same shape with every text in it replaced."""
    if isinstance(value, str):
        return text
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: hostile(getattr(value, each.name), text) for each in fields(value)}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(hostile(each, text) for each in value)
    return value


def contents(text: str) -> Iterator[Content]:
    jobs_, runs_ = hostile(samples.queue_troubled(), text), hostile(samples.runs_troubled(), text)
    flags_, api = hostile(samples.flags_troubled(), text), hostile(samples.health_troubled(), text)
    s3, db = hostile(samples.storage_troubled(), text), hostile(samples.postgres_troubled(), text)
    pattern = failures.KnownPattern(text, text, (text,), (text,))
    reaper, audited = hostile(samples.reaper_troubled(), text), hostile(samples.audit(), text)
    detail, alert = hostile(samples.job_detail(), text), next(iter(samples.alerts()))
    yield from (queues.types(jobs_, flags_), queues.summary(jobs_, flags_), queues.workers(jobs_))
    yield from (locks.locks(jobs_), locks.summary(jobs_, reaper), locks.reaper_runs(reaper, NOW))
    yield from (failures.groups(jobs_, NOW, (pattern,)), failures.summary(jobs_, NOW))
    yield from (failures.patterns_table((pattern,), jobs_), runs.Distribution(runs_), runs.recent(runs_, NOW))
    yield from (runs.summary(runs_), health.checks(api), health.detail(api.checks[1], text), health.summary(api))
    yield from (storage.bucket(s3, NOW), storage.prefixes(s3), storage.summary(s3, NOW))
    yield from (flags.flags(flags_, NOW), flags.summary(flags_, NOW), database.server(db, NOW), database.summary(db))
    yield from (audit.entries(audited, NOW), audit.detail(audited.entries[0]), audit.summary(audited, NOW))
    yield from (jobs.page(hostile(samples.job_page(), text)), jobs.detail(detail), jobs.attempts(detail))
    yield alerts.detail(replace(alert, title=text, reason=text, runbook=text), NOW)
    yield HelpLines((HelpGroup(text, ((text, text, text),)),))


def stored(text: str) -> Iterator[Content]:
    """What is told of buckets and MinIO, and of single statements and sessions."""
    found, cluster = (hostile(samples_reach.TROUBLED[name], text) for name in ("backups", "minio"))
    yield from (arrivals.arrivals(found, {text: 60.0}), arrivals.detail(found.arrivals[0], {text: 60.0}, 0.5))
    yield from (settings.settings(found, lambda name: name), settings.detail(found.settings[0]), minio.cluster(cluster))
    yield from released(text)
    yield statements.detail(hostile(samples_database.statements().top[0], text))  # type: ignore[index]
    yield sessions.detail(hostile(samples_database.blocking()[1].session, text))


def released(text: str) -> Iterator[Content]:
    """What is told of dumps and of releases."""
    dumped = hostile(samples_reach.dumps(), text)
    yield from (backups.dumps(dumped, samples.NOW), backups.reports(dumped, samples.NOW))
    yield backups.detail(dumped, dumped.dumps[0], samples.NOW)
    found = (Instance("i", "a"), Instance("j", "", 1, "away"))
    rolled = hostile(Rollout("web", "Web", "mixed", "a, b", found, "a"), text)
    rolled = replace(rolled, state="mixed")
    yield from (releases.releases([rolled], samples.NOW), releases.detail(rolled))


def machine(text: str) -> Iterator[Content]:
    """What is told of services, checks and logs."""
    values = {name: hostile(each, text) for name, each in samples_machine.TROUBLED.items()}
    states = [
        SourceState(text, 5.0).with_reading(
            samples.reading(text, None, fault=each) if isinstance(each, Fault) else samples.reading(text, each)
        )
        for each in values.values()
    ]
    told = [hostile(each(), text) for each in (samples_elsewhere.alertmanager, samples_elsewhere.prometheus)]
    states += [SourceState(text, 5.0).with_reading(samples.reading(text, each)) for each in told]
    yield from (elsewhere.alerts(states, NOW, NOW), elsewhere.silences(states, NOW, NOW))
    yield units.units(states, NOW)
    yield checks.checks(states, {text: checks.Tried("files", text, text)}, NOW)
    yield from (named.figures(states, NOW, NOW, lambda *of: (), lambda *of: text), logs.Merged().table(states))
    yield from (logs.sources(states, NOW), units.detail(values["units"].units[0]))
    yield from (silent.detail(values["policy"]), logs.detail(values["journal"].lines[0], text))


def assert_clean(widget: Widget) -> None:
    for y in range(widget.size.height):
        strip = widget.render_line(y)
        assert strip.text.isprintable(), repr(strip.text)
        assert cell_len(strip.text) == widget.size.width, repr(strip.text)


@pytest.mark.parametrize("clean", [str, safe], ids=["as it came", "through services.text"])
async def test_every_content_survives_every_text(clean: Callable[[str], str]) -> None:
    app = Stage(table := TablePane("T"), pane := Pane("P"))
    async with app.run_test(size=(80, 24)):
        for at, text in enumerate(map(clean, texts())):
            shown = [*contents(text), *(machine(text) if at % 25 == 0 else ())]
            # all contents with every 25th text, and one in turn with each
            for content in shown if at % 25 == 0 else [shown[at % len(shown)]]:
                widget: Pane = table if isinstance(content, Table) else pane
                widget.show(content, Vitals("stale", 3.0, text, text, 2.0, text))
                assert_clean(widget)


async def test_titles_filters_and_faults_survive_every_text() -> None:
    app = Stage(table := TablePane("T"))
    async with app.run_test(size=(60, 12)):
        table.show(locks.locks(samples.queue_troubled()), Vitals("fresh", 1.0))
        for text in texts()[::3]:
            table.retitle(text)
            table.set_filter(text)
            table.retell(Vitals("failed", reason=text, remedy=text, retry_s=1.0))
            assert_clean(table)
            table.retell(Vitals("fresh", 1.0, note=text))
            assert_clean(table)


async def test_the_rows_around_the_panes_survive_every_text() -> None:
    app = Stage(banner := Banner(BannerFacts("s", "e", True)), footer := Footer(), status := StatusLine())
    async with app.run_test(size=(80, 6)):
        for text in texts():
            banner.show(BannerFacts(text, text, True, text, text, firing=1, worst=text, wall=NOW))
            footer.show((Hint(text[:20], text),))
            status.say(text, "bad")
            for widget in (banner, footer, status):
                assert_clean(widget)


async def test_the_confirmation_survives_every_text() -> None:
    app = Stage(Pane("behind"))
    plain = samples.plan(3, "name")
    async with app.run_test(size=(80, 24)) as pilot:
        for text in texts()[::8]:
            target = plain.targets[0].model_copy(update={"label": text, "note": text, "id": text, "state": text})
            words: dict[str, Any] = {
                "title": text,
                "environment": text,
                "server": text,
                "actor": text,
                "warnings": (text,),
            }
            confirm = plain.confirm.model_copy(update={"expected": text})
            plan: Plan = plain.model_copy(
                update={**words, "changes": (text,), "per_type": {text: 1}, "targets": (target,), "confirm": confirm}
            )
            await app.push_screen(screen := ConfirmScreen(plan))
            await pilot.pause()
            assert_clean(screen.children[0])
            screen.dismiss(None)
            await pilot.pause()


async def test_the_prompt_survives_every_text() -> None:
    app = Stage(Pane("behind"))
    async with app.run_test(size=(80, 24)) as pilot:
        for text in texts()[::20]:
            await app.push_screen(screen := Prompt(text, text, check=lambda value, text=text: text))  # type: ignore[misc]
            await pilot.pause()
            for child in screen.children:
                assert all(child.render_line(y).text.isprintable() for y in range(child.size.height))
            screen.dismiss(None)
            await pilot.pause()
