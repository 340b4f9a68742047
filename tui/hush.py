"""What a person says about alerts: that they have one in hand, or want to hear nothing of it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.actions.identity import whoami
from services.model import parse_duration

if TYPE_CHECKING:
    from services.alerts import Alert
    from services.silence import Silence
    from tui.app import Watchdeck


LEAST_S, MOST_S = 60.0, 366 * 86_400.0


async def acknowledge(app: Watchdeck, alert: Alert) -> None:
    """Asks for the reason; it holds for this episode, and a rising level breaks it."""
    if _refused(app):
        return
    if not alert.active:
        app.say(f"{alert.title} does not fire: there is nothing to acknowledge", "warn")
        return
    reason = await _ask(app, f"you have {alert.title} in hand; why, what next? (may be empty)")
    if reason is None:
        app.say("not acknowledged")
    elif app.lookout.acknowledge(alert.key, str(whoami()), reason):
        app.say(f"{alert.title}: acknowledged by you, until it ends or gets worse", "good")
    else:
        app.say(f"{alert.title} has ended meanwhile", "warn")


async def silence(app: Watchdeck, alert: Alert) -> None:
    """Asks for how long and why; this rule and these labels, or the whole source where that is what fails."""
    if _refused(app):
        return
    span = await _ask(app, f"hear nothing of {alert.title} for how long? (30m, 2h, 1d)", "1h", _span)
    comment = await _ask(app, "why? (others will read it)", "", _some) if span is not None else None
    if span is None or comment is None:
        app.say("not silenced")
        return
    until = app.clock.wall() + float(str(parse_duration(span)))
    # what stands in labels is somebody else's: it may look like a condition, or be called as a field is
    match = {"key": alert.key} if alert.labels else {"rule": alert.rule}
    app.lookout.silence(match, until, str(whoami()), comment)
    app.say(f"{alert.title}: silenced for {span}; at the end you are told what happened", "good")


async def lift(app: Watchdeck, silence: Silence) -> None:
    if _refused(app):
        return
    app.lookout.unsilence(silence.id)
    app.say(f"silence {silence.id} is lifted", "good")


def _refused(app: Watchdeck) -> bool:
    """Whoever stands before a wall could keep everybody else from hearing of something."""
    if app.options.read_only:
        app.say("this console is read-only: start one without --read-only", "bad")
    return app.options.read_only


async def _ask(app: Watchdeck, question: str, value: str = "", check: object = None) -> str | None:
    from widgets.prompt import Prompt

    answer: str | None = await app.push_screen_wait(Prompt(question, value, check=check))  # type: ignore[arg-type]
    return None if answer is None else answer.strip()


def _span(text: str) -> str:
    try:
        span = float(str(parse_duration(text.strip())))
    except ValueError as error:
        return str(error)
    return "" if LEAST_S <= span <= MOST_S else "a minute at least, a year at most"


def _some(text: str) -> str:
    return "" if text.strip() else "a word or two: a silence that nobody understands is lifted by nobody"
