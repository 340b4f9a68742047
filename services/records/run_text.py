"""A run as Markdown, for whoever was not there: who, what, when, the evidence, and where it went another way."""

from __future__ import annotations

from collections.abc import Iterator

from services.records.markdown import moment, plain
from services.records.run import Note, Run, StepRun
from services.units import told

_MARKS = {"done": "x", "todo": " ", "skipped": "-", "failed": "!"}


def markdown(run: Run) -> str:
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    yield f"# {plain(run.title)}{' (drill)' if run.drill else ''}: {run.ended or 'under way'}"
    yield ""
    yield f"- Run: {plain(run.id)} of {plain(run.of)}"
    yield f"- Begun: {moment(run.at)} by {plain(run.by)}"
    if run.ended_at is not None:
        took = told(max(0.0, run.ended_at - run.at), "s")
        yield f"- Ended: {moment(run.ended_at)} by {plain(run.ended_by)}, after {took}"
    if run.ended_note:
        yield f"- Said at the end: {plain(run.ended_note)}"
    yield f"- Steps: {_counts(run)}"
    deviations = [*_deviations(run)]
    yield from ("", "## Deviations", "", *(deviations or ["None."]))
    yield from ("", "## Steps")
    for number, step in enumerate(run.steps, 1):
        yield ""
        yield from _step(number, step, run)
    if run.notes:
        yield from ("", "## Notes", "", *map(_note, run.notes))


def _counts(run: Run) -> str:
    words = {"done": "done", "skipped": "skipped", "failed": "failed", "todo": "not done"}
    counts = {word: sum(step.state == state for step in run.steps) for state, word in words.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"


def _deviations(run: Run) -> Iterator[str]:
    """What did not go as it is written down."""
    for step in run.steps:
        if step.against:
            yield f"- {plain(step.title)}: ticked against its condition: {plain(step.against)}"
        if step.state in ("skipped", "failed"):
            yield f"- {plain(step.title)}: {step.state}: {plain(step.note) or 'no reason given'}"
        if step.late_s is not None:
            yield f"- {plain(step.title)}: {told(step.late_s, 's')} later than it should be"
        for acted in step.acted:
            if acted.word != "done":
                yield f"- {plain(step.title)}: the action {plain(acted.action)} ended as {plain(acted.word)}"
        if step.state == "todo" and run.ended:
            yield f"- {plain(step.title)}: not done"


def _step(number: int, step: StepRun, run: Run) -> Iterator[str]:
    gone = " (no longer in the profile)" if step.gone else ""
    yield f"### {number}. [{_MARKS[step.state]}] {plain(step.title)}{gone}"
    yield ""
    if step.at is None:
        yield "- Not done" + (" (optional)" if step.optional else "")
    else:
        yield f"- {step.state.capitalize()}: {moment(step.at)} by {plain(step.by)}, {told(step.at - run.at, 's')} in"
    if step.note:
        yield f"- Note: {plain(step.note)}"
    if step.against:
        yield f"- Against its condition: {plain(step.against)}"
    for one in step.evidence:
        at = f" (read {moment(one.at)})" if one.at is not None else ""
        called = "Seen" if one.shown else "Evidence"
        yield f"- {called}: {plain(one.title)} **{one.state}**: {plain(one.said)}{at}"
    for acted in step.acted:
        told_by = f"{moment(acted.at)} by {plain(acted.by)}"
        yield f"- Action: {plain(acted.action)} **{plain(acted.word)}**: {plain(acted.said)} ({told_by})"
    yield from map(_note, step.notes)


def _note(note: Note) -> str:
    return f"- {moment(note.at)} {plain(note.by)}: {plain(note.text)}"
