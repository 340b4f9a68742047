"""A person goes through a checklist: what is asked before each word is written, and what is said after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from services.errors import RecordError, WatchdeckError
from tui.keys import KEYS
from tui.recording import link
from tui.selection import Selection

if TYPE_CHECKING:
    from services.actions.plan import Outcome
    from services.profile import Step
    from services.records.run import Run, StepRun
    from tui.app import Watchdeck
    from tui.screens.checklist import Checklist

Said: TypeAlias = "Callable[[Watchdeck, Run, StepRun | None], Awaitable[str]]"


class Left(Exception):
    """The person left a question without an answer: nothing is written."""


# -- where it begins --------------------------------------------------------------------------------------------------


def enter(app: Watchdeck, procedure: str) -> None:
    """Go on with the run that is under way, or begin one when one key says so."""
    run = app.paperwork.under_way(procedure)
    if run:
        go_through(app, run.id)
    else:
        app.background(_begin(app, procedure), "walk", "beginning a run", exclusive=True)


def go_through(app: Watchdeck, record: str) -> None:
    from tui.screens.checklist import Checklist

    app.view("checklist")
    screen = app.front
    if isinstance(screen, Checklist):
        screen.go_through(record)


async def _begin(app: Watchdeck, procedure: str) -> None:
    from widgets.one_key import OneKey

    title = app.deck.profile.procedures[procedure].title
    await app.paperwork.read()
    if run := app.paperwork.under_way(procedure):  # begun from another console a moment ago
        go_through(app, run.id)
        return
    if _refused(app) or not await app.push_screen_wait(OneKey(f"begin a run of “{title}”?")):
        return
    try:
        record = await asyncio.to_thread(app.paperwork.hand.start, procedure)
        await app.paperwork.read()
        go_through(app, record)
        incident = await link.run_begun(app, record, procedure)
    except WatchdeckError as error:
        app.say(_words(error), "bad")
        return
    whose = f" for {incident}" if incident else ""
    app.say(f"{record} begun{whose}; it can be gone on with at any time, also from another console", "good")


# -- one word about a step, or about the whole ------------------------------------------------------------------------


def say(screen: Checklist, what: str) -> None:
    """`what` is a key of WORDS."""
    app, run = screen.console, screen.run
    if run is None:
        app.hint("no run is open: `:checklists` has them all")
    elif run.ended:
        app.hint(f"this run was {run.ended} by {run.ended_by}: begin a new one from `:checklists`")
    elif not _refused(app):
        app.background(_say(screen, run, screen.step, what), "walk", what, exclusive=True)


async def _say(screen: Checklist, run: Run, step: StepRun | None, what: str) -> None:
    app = screen.console
    try:
        said = await WORDS[what](app, run, step)
    except Left:
        app.say("nothing was written")
        return
    except WatchdeckError as error:
        app.say(_words(error), "bad")
        return
    await app.paperwork.read()
    if what in ("tick", "skip", "fail"):
        screen.to_next()
    screen.show(app.deck)
    app.say(said, "good")


async def _tick(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    step = _undecided(step)
    asked = _asked(app, run, step)
    judged = app.paperwork.judged_step(app.lookout.latest, run, step.id)
    against = typed = note = ""
    if judged.against:
        first = judged.against[0]
        against = await _ask(app, f"{first.title} {first.state}: {first.said}; why is it done all the same?", _words_)
    if asked.confirm:
        typed = await _ask(app, f"{step.title}: type “{asked.confirm}”", _exactly(asked.confirm))
    if asked.evidence:
        note = await _ask(app, f"{step.title}: what did you see? it is kept as evidence", _words_)
    judged = app.paperwork.judged_step(app.lookout.latest, run, step.id)  # as it is now, after the questions
    await asyncio.to_thread(app.paperwork.hand.tick, run.id, judged, note, typed, against)
    left = len(run.open_steps) - (not step.optional)
    return f"{step.title}: ticked" if left else f"the last is ticked: {_key(app, 'step.complete')} completes the run"


async def _skip(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    step = _undecided(step)
    _asked(app, run, step)
    check = _anything if step.optional else _words_
    note = await _ask(app, f"{step.title}: skipped, why?{' (may be empty)' if step.optional else ''}", check)
    await asyncio.to_thread(app.paperwork.hand.skip, run.id, step.id, note)
    return f"{step.title}: skipped"


async def _fail(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    step = _undecided(step)
    _asked(app, run, step)
    note = await _ask(app, f"{step.title}: failed: what happened?", _words_)
    await asyncio.to_thread(app.paperwork.hand.fail, run.id, step.id, note)
    return f"{step.title}: marked failed"


async def _undo(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    step = _some(step)
    await asyncio.to_thread(app.paperwork.hand.undo, run.id, step.id)
    return f"{step.title}: to be done again"


async def _note(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    step = _some(step)
    text = await _ask(app, f"note to {step.title}", _words_)
    await asyncio.to_thread(app.paperwork.hand.note, run.id, text, step.id)
    return f"noted to {step.title}"


async def _note_run(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    text = await _ask(app, f"note to the whole run of {run.title}", _words_)
    await asyncio.to_thread(app.paperwork.hand.note, run.id, text)
    return f"noted to {run.title}"


async def _complete(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    if run.open_steps:
        first = run.open_steps[0].title
        left = "one step is" if len(run.open_steps) == 1 else f"{len(run.open_steps)} steps are"
        raise RecordError(f"{left} still to do, the first is {first!r}", "tick or skip what is left")
    note = await _ask(app, f"{run.title}: complete; anything to add? (may be empty)", _anything)
    await asyncio.to_thread(app.paperwork.hand.complete, run.id, note)
    return f"{run.title}: complete; {_key(app, 'export')} writes it down as Markdown"


async def _abandon(app: Watchdeck, run: Run, step: StepRun | None) -> str:
    note = await _ask(app, f"{run.title}: abandoned, why? it cannot be gone on with", _words_)
    await asyncio.to_thread(app.paperwork.hand.abandon, run.id, note)
    return f"{run.title}: abandoned"


WORDS: Mapping[str, Said] = MappingProxyType(
    {
        "tick": _tick,
        "skip": _skip,
        "fail": _fail,
        "undo": _undo,
        "note": _note,
        "note run": _note_run,
        "complete": _complete,
        "abandon": _abandon,
    }
)


OF_THE_WHOLE = MappingProxyType(
    {
        "complete": ("Complete this run", "every step that is not optional has been decided"),
        "abandon": ("Abandon this run", "it is kept as abandoned, and cannot be gone on with"),
        "note run": ("Note to this run", "to the whole of it"),
    }
)


# -- what else can be done from it ------------------------------------------------------------------------------------


def act(screen: Checklist) -> bool:
    """Start the action of the step; its outcome is written to the step. False where the step has none."""
    app, run, step = screen.console, screen.run, screen.step
    procedure = app.deck.profile.procedures.get(run.of) if run else None
    found = procedure.steps.get(step.id) if procedure and step else None
    if run is None or found is None or not found.action:
        return False
    record, step_id = run.id, step.id if step else ""

    def ended(outcome: Outcome) -> None:
        app.background(_acted(app, record, step_id, outcome), "acted", "writing down how the action ended")

    app.remedies.start(found.action, Selection(), "key", found.args, None if run.ended else ended)
    return True


async def _acted(app: Watchdeck, record: str, step: str, outcome: Outcome) -> None:
    try:
        await asyncio.to_thread(app.paperwork.hand.acted, record, step, outcome)
    except WatchdeckError as error:
        app.say(f"{outcome.word}: {outcome.message}; not written to the run: {error.message}", "warn")
    await app.paperwork.read()


def export(screen: Checklist) -> None:
    app, run = screen.console, screen.run
    if run is None:
        app.hint("no run is open: `:checklists` has them all")
    else:
        app.background(_export(app, run), "export", "the export")


async def _export(app: Watchdeck, run: Run) -> None:
    from services.procedures.plain import of_run
    from services.records.run_text import markdown
    from tui.export import shown, written

    try:
        path = await asyncio.to_thread(written, run.id, markdown(run), of_run(run))
    except OSError as error:
        app.say(f"not exported: {error}", "bad")
    else:
        app.say(f"{path.name} and .json, in {shown(path.parent)}", "good")


# -- questions --------------------------------------------------------------------------------------------------------


def _refused(app: Watchdeck) -> bool:
    if app.options.read_only:
        app.say("this console is read-only: start one without --read-only", "bad")
    return app.options.read_only


def _key(app: Watchdeck, id: str) -> str:
    """As it is mapped now."""
    return app.keymap.get(id) or next(key.shown for key in KEYS if key.id == id)


def _some(step: StepRun | None) -> StepRun:
    if step is None:
        raise RecordError("no step is selected")
    return step


def _undecided(step: StepRun | None) -> StepRun:
    """What is done stays done until that is taken back: nothing is asked that would be for nothing."""
    step = _some(step)
    if step.state == "done":
        raise RecordError(f"{step.title}: ticked already by {step.by}", "the key for undo takes that back")
    return step


def _asked(app: Watchdeck, run: Run, step: StepRun) -> Step:
    """As the profile has it."""
    procedure = app.deck.profile.procedures.get(run.of)
    found = procedure.steps.get(step.id) if procedure else None
    if found is None:
        raise RecordError(f"{step.title}: the profile does not have this step any more", "it is not asked for either")
    return found


async def _ask(app: Watchdeck, question: str, check: Callable[[str], str]) -> str:
    from widgets.prompt import Prompt

    answer: str | None = await app.push_screen_wait(Prompt(question, check=check))
    if answer is None:
        raise Left
    return answer.strip()


def _words_(text: str) -> str:
    return "" if text.strip() else "a word or two: others will read it"


def _anything(text: str) -> str:
    return ""


def _exactly(words: str) -> Callable[[str], str]:
    return lambda text: "" if text.strip() == words else f"exactly: {words}"


def _words(error: WatchdeckError) -> str:
    return str(error).replace("\n  ->", ":")
