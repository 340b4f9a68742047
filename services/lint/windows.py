"""Windows that hold too few polls to say anything, and windows longer than what is kept."""

from __future__ import annotations

from collections.abc import Iterator

from services import figures
from services.metrics.samples import HORIZON_S
from services.profile import AnyRule, Profile
from services.profile.rules import BurnLevel, GrowthRule
from services.rules.words import duration

POLLS = 4  # with fewer a single odd one decides
PARTS = 2  # of a growth's window: it takes two to compare
MOST = 5_000  # polls in a window: each poll goes through all of them, which takes some milliseconds by then
LONGER = "for longer ones a Prometheus server answers (a source of kind promql)"


def windows(rule: AnyRule, profile: Profile) -> Iterator[str]:
    kind, every = profile.sources[rule.source].kind, profile.sources[rule.source].interval
    for key, seconds in _each(rule):
        if seconds < POLLS * every:
            yield f"{key}: in {duration(seconds)} are fewer than {POLLS} polls, one each {duration(every)}"
    longest = rule.longest_window
    if rule.selectors and not rule.rates and longest > HORIZON_S:
        yield f"window: scrapes are kept for {duration(HORIZON_S)}; {LONGER}"
    if longest > MOST * every and any(figures.exists(kind, path) for path in rule.recorded):
        yield f"window: in {duration(longest)} are more than {MOST:,} polls, one each {duration(every)}; {LONGER}"
    if isinstance(rule, GrowthRule):
        parts = rule.window / rule.part
        if parts < PARTS or parts != int(parts):
            yield f"part: {duration(rule.window)} are not {PARTS} or more whole parts of {duration(rule.part)}"


def _each(rule: AnyRule) -> Iterator[tuple[str, float]]:
    if isinstance(rule, GrowthRule):
        yield "part", rule.part
    elif rule.selectors or rule.recorded:
        for _, level in rule.levels:
            if isinstance(level, BurnLevel):
                yield from (("pairs.short", pair.short) for pair in level.pairs)
            else:
                yield "window", rule.window_of(level)
