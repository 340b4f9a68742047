"""Drills, forms and windows as sheets that can be handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.model import spell_duration
from services.records.drill import Drill
from services.records.form import Form
from services.records.incident import Said
from services.records.markdown import moment
from services.records.sheet import Part, Sheet, when
from services.records.window import Window

if TYPE_CHECKING:
    from services.profile import DrillRecord, FormRecord, WindowRecord


def of_drill(it: Drill, record: DrillRecord) -> Sheet:
    facts = (
        ("Record", f"{it.id}, {it.of}"),
        ("Scope", record.scopes.get(it.scope, it.scope)),
        ("State", it.state),
        ("Planned for", when(it.planned_at)),
        ("Announced", _said(it.announced)),
        ("Ended", when(it.ended_at)),
        ("Closed", _said(it.closed)),
        *((("Cancelled", _said(it.cancelled)),) if it.cancelled else ()),
        *((("Lacks", "; ".join(it.missing(record))),) if it.missing(record) and not it.over else ()),
    )
    rows = tuple(_timing(it, id_) for id_ in dict.fromkeys((*record.timings, *it.timings)))
    parts = (
        Part("Timings", head=("What", "Started (UTC)", "Stopped (UTC)", "Took"), rows=rows),
        Part("Retrospective", it.retrospective),
        Part("Notes", _notes(it.notes)),
        Part("Procedures", points=it.runs),
    )
    return Sheet(it.title or record.title, facts, parts)


def _timing(it: Drill, id_: str) -> tuple[str, ...]:
    timing = it.timings.get(id_)
    if timing is None:
        return id_, "not timed", "", ""
    took = "runs" if timing.seconds is None else spell_duration(timing.seconds)
    return id_, moment(timing.started_at), "" if timing.stopped_at is None else moment(timing.stopped_at), took


def of_form(it: Form, record: FormRecord) -> Sheet:
    facts = (
        ("Record", f"{it.id}, {it.of}"),
        ("Begun", f"{moment(it.opened_at)} by {it.opened_by}"),
        ("Closed", _said(it.closed)),
        *((("Lacks", "; ".join(it.missing(record))),) if it.missing(record) and not it.over else ()),
    )
    gone = [name for name in (*it.texts, *it.logs) if name not in record.fields]  # from the profile, since
    named = [*((name, one.title) for name, one in record.fields.items()), *((name, name) for name in gone)]
    return Sheet(it.title or record.title, facts, tuple(_field(it, name, title) for name, title in named))


def _field(it: Form, name: str, title: str) -> Part:
    rows = tuple((moment(one.at), one.by, one.text) for one in it.logs.get(name, ()))
    text = it.texts[name].text if name in it.texts else ""
    return Part(title, text, head=("When (UTC)", "By", "What"), rows=rows)


def of_window(it: Window, record: WindowRecord) -> Sheet:
    facts = (
        ("Record", f"{it.id}, {it.of}"),
        ("Begun", f"{moment(it.opened_at)} by {it.opened_by}"),
        ("Until", moment(it.until)),
        ("Silences", ", ".join(it.silences)),
        ("Closed", _said(it.closed)),
        ("Smoke test", ("passed" if it.passed else "NOT PASSED") if it.closed else "not yet"),
    )
    parts = (
        Part("What was seen", points=it.smoke),
        Part("Notes", _notes(it.notes)),
        Part("Procedures", points=it.runs),
    )
    return Sheet(it.title or record.title, facts, parts)


def _said(said: Said | None) -> str:
    if said is None:
        return "not yet"
    return f"{moment(said.at)} by {said.by}{f': {said.text}' if said.text else ''}"


def _notes(notes: Sequence[Said]) -> str:
    return "\n\n".join(f"{moment(one.at)}, {one.by}:\n{one.text}" for one in notes)
