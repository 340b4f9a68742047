"""What is wrong with a rule beyond its form: a name that leads nowhere, a threshold that is never reached."""

from __future__ import annotations

from collections.abc import Iterator

from services import figures
from services.profile import AnyRule, Profile
from services.profile.rules import ChangeRule, Level, ThresholdRule


def rule(rule: AnyRule, profile: Profile) -> Iterator[str]:
    """One line per problem, each beginning with the key."""
    yield from _figures(rule, profile)
    if isinstance(rule, ThresholdRule) and rule.min_events and not rule.events:
        yield "min_events: `events` does not say of what"
    for severity in (rule.severity, *(level.severity for _, level in rule.levels)):
        if severity and severity not in profile.severities:
            yield f"severity: {severity!r} is not one of {', '.join(profile.severities)}"
    for _, level in rule.levels:
        if isinstance(rule, ThresholdRule) and _is_share(rule.figure) and _beyond_shares(level):
            yield f"value: {rule.figure} is a share between 0 and 1, so this never fires"


def _figures(rule: AnyRule, profile: Profile) -> Iterator[str]:
    kind = profile.sources[rule.source].kind
    for key, path in rule.figures.items():
        words = isinstance(rule, ChangeRule) and figures.exists_text(kind, path)
        if not words and not figures.exists(kind, path):
            there = ", ".join(figures.known(kind)) or "none"
            yield f"{key}: {kind} sources report no figure {path!r}; by a fixed name there are {there}"


def _is_share(path: str) -> bool:
    return path.rpartition(".")[2].endswith(("_rate", "_share", "_errors", "publish_success"))


def _beyond_shares(level: Level) -> bool:
    return (level.op in (">", ">=") and level.value >= 1) or (level.op in ("<", "<=") and level.value <= 0)
