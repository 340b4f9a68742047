"""Which series of a source anything in the profile asks for: the others are read over and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.metrics.selector import Selector

if TYPE_CHECKING:
    from services.profile import AnyRule, Profile

FIGURES = "samples."  # how a figure path into a scrape begins: `samples.process_open_fds`


def wanted(profile: Profile, source: str) -> tuple[Selector, ...]:
    """Of the rules over this source, whatever their kind, and of its own table for the API view."""
    found: dict[str, Selector] = {}
    for rule in profile.rules.values():
        if rule.source == source:
            found |= {repr(selector): selector for selector in _of_rule(rule)}
    http = getattr(profile.sources[source], "http", None)
    if http is not None:
        asked = [http.counted, http.timed.buckets(), *([http.queried.buckets()] if http.queried else [])]
        found |= {repr(selector): selector for selector in asked}
    return tuple(found.values())


def _of_rule(rule: AnyRule) -> Iterator[Selector]:
    yield from rule.selectors
    for path in rule.figures.values():
        if path.startswith(FIGURES):
            yield Selector(metric=path.removeprefix(FIGURES).partition("{")[0])
