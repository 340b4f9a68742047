"""Whether a condition holds, by what the console has: one function per thing that a condition may be about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from services.alerts import Alert
from services.procedures import figure
from services.procedures.seen import Seen
from services.procedures.verdict import State, Verdict
from services.readings import number
from services.releases import rollout
from services.rules.words import duration
from services.text import safe
from services.units import told

if TYPE_CHECKING:
    from services.profile import Condition

Judge: TypeAlias = "Callable[[Condition, Seen], Verdict]"


def judge(condition: Condition, seen: Seen) -> Verdict:
    """Never raises: what cannot be judged is unknown, and says why."""
    try:
        return JUDGES[condition.about](condition, seen)
    except Exception as error:  # of one condition: the others are judged all the same
        said = f"it cannot be judged: {type(error).__name__}: {error}"
        return Verdict(title(condition, seen), "unknown", safe(said, 300))


def title(condition: Condition, seen: Seen) -> str:
    """Its own, or what it is about in the profile's words."""
    if condition.title:
        return condition.title
    profile, name = seen.profile, getattr(condition, condition.about)
    source = profile.sources.get(name)
    match condition.about:
        case "rule":
            return profile.rules[name].title
        case "check":
            return profile.checks[name].title or title(profile.checks[name], seen)
        case "source":
            called = (source.title if source else "") or name
            return f"{called}: {condition.figure.removeprefix('figures.')}" if condition.figure else f"{called} answers"
        case "action":
            return profile.actions[name].title
        case "release":
            return f"{profile.releases[name].title}: released"
    return titled(seen, name)


def titled(seen: Seen, name: str) -> str:
    """What the profile calls a procedure, a record or an action."""
    profile = seen.profile
    found = profile.procedures.get(name) or profile.records.get(name) or profile.actions.get(name)
    return found.title if found else name


# ---- rules ----------------------------------------------------------------------------------------------------------

_BY_STATE: Mapping[str, State] = MappingProxyType(
    {"firing": "fails", "recovering": "fails", "pending": "unknown", "unknown": "unknown", "ok": "holds"}
)
_URGENCY = ("firing", "recovering", "unknown", "pending", "ok")


def _rule(condition: Condition, seen: Seen) -> Verdict:
    """What is about to fire is not well: nobody knows yet how it turns out."""
    alerts = sorted(seen.alerts.of(condition.rule), key=lambda alert: _URGENCY.index(alert.state))
    named = title(condition, seen)
    if not alerts:
        return Verdict(named, "unknown", "the rule has not been judged yet")
    first = alerts[0]
    return Verdict(named, _BY_STATE[first.state], _of_alert(first), number(first.value), seen.read_at(first.source))


def _of_alert(alert: Alert) -> str:
    value = number(alert.value)
    which = f"{', '.join(value for _, value in alert.labels)}: " if alert.labels else ""
    if alert.state == "unknown":
        return f"{which}{alert.reason or 'not known yet'}"
    shown = f"{told(value, alert.unit)} " if value is not None else ""
    word = "" if alert.state == "ok" else f"{alert.state}: "
    unsure = f", unconfirmed: {alert.reason}" if not alert.confirmed else ""
    return f"{which}{word}{shown}(fires at {alert.threshold}){unsure}"


# ---- sources and their figures --------------------------------------------------------------------------------------


def _source(condition: Condition, seen: Seen) -> Verdict:
    if condition.figure:
        return figure.judge(condition, seen, title(condition, seen))
    state, named = seen.snapshot.get(condition.source), title(condition, seen)
    at = seen.read_at(condition.source)
    if state is None or (state.good is None and state.failed is None):
        return Verdict(named, "unknown", seen.silence(condition.source), at=at)
    if reason := seen.silence(condition.source):  # that it does not answer is what was asked
        return Verdict(named, "fails", reason, at=at)
    return Verdict(named, "holds", "it answers", at=at)


# ---- checks, actions, records ---------------------------------------------------------------------------------------


def _check(condition: Condition, seen: Seen) -> Verdict:
    found = judge(seen.profile.checks[condition.check], seen)
    return Verdict(title(condition, seen), found.state, found.said, found.value, found.at)


def _action(condition: Condition, seen: Seen) -> Verdict:
    named, kept = title(condition, seen), seen.kept
    if condition.within is None and seen.began is None:
        return Verdict(named, "manual", "asked once a run is under way")
    if kept.no_deeds:
        return Verdict(named, "unknown", kept.no_deeds)
    deed = kept.deeds.get(condition.action)
    if deed is None:
        return Verdict(named, "fails", "never done from here")
    ago = f"done {_ago(deed.at, seen)} by {deed.by}"
    if condition.within is None:
        assert seen.began is not None
        since = deed.at >= seen.began
        return Verdict(named, "holds" if since else "fails", ago if since else f"{ago}, before this run", at=deed.at)
    return _within(named, deed.at, ago, condition.within, seen)


def _record(condition: Condition, seen: Seen) -> Verdict:
    named, kept = title(condition, seen), seen.kept
    if kept.no_records:
        return Verdict(named, "unknown", kept.no_records)
    end = kept.ended.get(condition.record)
    if end is None:
        return Verdict(named, "fails", "never done")
    ago = f"{_ago(end.at, seen)} by {end.by}"
    if not end.passed:
        return Verdict(named, "fails", f"the newest did not pass, {ago}: {end.said}".removesuffix(": "), at=end.at)
    return _within(named, end.at, ago, condition.within or 0.0, seen)


def _release(condition: Condition, seen: Seen) -> Verdict:
    release = seen.profile.releases[condition.release]
    found = rollout(condition.release, release, seen.snapshot, seen.mono)
    times = [seen.read_at(told.source) for told in release.instances]
    state: State = {"complete": "holds", "unknown": "unknown"}.get(found.state, "fails")  # type: ignore[assignment]
    return Verdict(title(condition, seen), state, found.said, at=min((at for at in times if at), default=None))


def _within(named: str, at: float, ago: str, within: float, seen: Seen) -> Verdict:
    if at - seen.wall > AHEAD_S:  # it would count as new for as long as the clock was wrong, and longer
        return Verdict(named, "unknown", f"{ago}: a clock was wrong", at=at)
    state: State = "holds" if seen.wall - at <= within else "fails"
    return Verdict(named, state, f"{ago} (within {duration(within)})", at=at)


AHEAD_S = 60.0  # clocks of consoles are never quite the same
_SPANS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def _ago(at: float, seen: Seen) -> str:
    """In whole units: words that change with every second would be painted with every second."""
    ahead = at - seen.wall > AHEAD_S
    seconds = at - seen.wall if ahead else max(0.0, seen.wall - at)
    size, unit = next((size, unit) for size, unit in _SPANS if seconds >= 2 * size or size == 1)
    return f"{int(seconds // size)} {unit} {'from now' if ahead else 'ago'}"


JUDGES: Mapping[str, Judge] = MappingProxyType(
    {"rule": _rule, "check": _check, "source": _source, "action": _action, "record": _record, "release": _release}
)
