"""An incident as it is handed on: complete, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from services.model import spell_duration
from services.records.incident import TEXTS
from services.records.markdown import moment
from services.records.run import Run
from services.records.sheet import Part, Sheet, markdown, when
from services.records.story import Story
from services.records.timer import Timer

_TIMERS = {"acknowledge": "Response", "update": "Updates", "close": "Write-up"}


def as_markdown(story: Story) -> str:
    return markdown(Sheet(f"Incident: {story.incident.title}", tuple(_facts(story)), tuple(_parts(story))))


def as_json(story: Story) -> dict[str, Any]:
    """Plain JSON; times are unix seconds."""
    found = asdict(story.incident)
    del found["timeline"]
    return {
        **found,
        "severity": story.incident.severity,
        "state": story.incident.state,
        "system": story.system,
        "environment": story.environment,
        "told_at": story.at,
        "timers": [{**asdict(timer), "standing": timer.standing(story.at)} for timer in story.timers],
        "timeline": [one.plain() for one in story.moments],
        "actions": [asdict(entry) for entry in story.actions],
        "procedures": [asdict(run) for run in _plain(story.runs)],
        "unread": list(story.unread),
    }


def _plain(runs: tuple[Run, ...]) -> Iterator[Run]:
    """With a dict for what cannot be changed: `asdict` copies it, and cannot copy that."""
    from dataclasses import replace

    yield from (replace(run, marks=dict(run.marks)) for run in runs)


def told(timer: Timer, now: float) -> str:
    """ "kept", or by how much it was missed, or when it is due."""
    standing = timer.standing(now)
    if standing == "running":
        return f"due {when(timer.due)}"
    late = [f"{spell_duration(until - due)} late at {moment(until)}" for due, until in timer.late]
    if standing == "overdue" and timer.due is not None:
        return "; ".join((*late, f"OVERDUE since {moment(timer.due)}, {spell_duration(now - timer.due)}"))
    return f"missed: {'; '.join(late)}" if late else standing


def _facts(story: Story) -> Iterator[tuple[str, str]]:
    it = story.incident
    yield "Record", it.id
    yield "System", f"{story.system}, {story.environment}"
    yield "Severity", it.severity
    yield "State", it.state
    yield "Began", moment(it.began_at)
    yield "Opened", f"{moment(it.opened_at)} by {it.opened_by}"
    yield "In hand", f"{moment(it.acknowledged.at)} by {it.acknowledged.by}" if it.acknowledged else "not yet"
    yield "Resolved", when(it.ended_at)
    yield "Closed", when(it.since("closed"))
    yield from ((_TIMERS[timer.name], told(timer, story.at)) for timer in story.timers)
    yield "Told", f"{moment(story.at)}, by watchdeck"
    if story.unread:
        yield "COULD NOT BE READ", "; ".join(story.unread)


def _parts(story: Story) -> Iterator[Part]:
    it = story.incident
    grades = tuple((moment(one.at), one.severity, one.by, one.text) for one in it.grades)
    yield Part("Severity", head=("When (UTC)", "Severity", "By", "Why"), rows=grades)
    yield from (Part(title, it.texts.get(name, "")) for name, title in TEXTS.items() if name != "root-cause")
    yield Part("Alerts", points=tuple(f"{one.title} ({one.key}), since {moment(one.since)}" for one in it.alerts))
    yield Part("Versions when it was opened", points=tuple(f"{name}: {said}" for name, said in it.versions.items()))
    rows = tuple((moment(one.at), one.kind, one.what, one.by) for one in story.moments)
    yield Part("Timeline", head=("When (UTC)", "Kind", "What", "By"), rows=rows)
    yield _actions(story)
    yield from (_run(run, run.id in it.runs) for run in story.runs)
    yield Part("Notes", "\n\n".join(f"{moment(one.at)}, {one.by}:\n{one.text}" for one in it.notes))
    yield Part("Root cause", it.texts.get("root-cause", ""))
    yield _prevention(story)
    sent = (f"{moment(one.at)}, {one.by}, to {one.to or 'nobody said where'}:\n{one.text}" for one in it.updates)
    yield Part("Messages sent", "\n\n".join(sent))


def _actions(story: Story) -> Part:
    rows = tuple(
        (
            moment(one.at),
            one.action,
            one.outcome,
            one.about,
            "" if one.rows is None else str(one.rows),
            one.actor,
            one.reason,
            one.id,
        )
        for one in story.actions
    )
    return Part("Actions", head=("When (UTC)", "Action", "Outcome", "About", "Rows", "By", "Reason", "Id"), rows=rows)


def _run(run: Run, linked: bool) -> Part:
    """Each step, what was ticked, and what its conditions said then. Not `linked`: somebody was at it meanwhile."""
    rows = []
    for step in run.steps:
        evidence = "; ".join(
            f"{'seen: ' if one.shown else ''}{one.title}: {one.state}, {one.said}" for one in step.evidence
        )
        said = "; ".join(filter(None, (step.note, f"against: {step.against}" if step.against else "")))
        rows.append((step.title, step.state, when(step.at) if step.at else "", step.by, said, evidence))
    ended = f"{run.ended or 'under way'}{f' {moment(run.ended_at)}' if run.ended_at else ''}"
    called = "Procedure" if linked else "Procedure, meanwhile"
    title = f"{called}: {run.title} ({run.id}), begun {moment(run.at)} by {run.by}, {ended}"
    return Part(title, head=("Step", "State", "When (UTC)", "By", "Note", "Evidence"), rows=tuple(rows))


def _prevention(story: Story) -> Part:
    rows = tuple(
        (str(one.number), one.text, one.owner or "nobody yet", one.due or "none yet", when(one.done_at))
        for one in story.incident.prevention
    )
    return Part("Prevention", head=("No.", "Action", "Owner", "Due", "Done"), rows=rows)
