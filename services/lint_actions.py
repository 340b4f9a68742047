"""What is wrong with an action beyond its form: names that lead nowhere, patterns that keep nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from services.profile import Action, FlagAction, MaintenanceAction, OnQueue, RowsAction, SessionAction
from services.queues.mapping import Mapping as QueueMapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def action(action: Action, mappings: Mapping[str, QueueMapping]) -> Iterator[str]:
    """One line per problem. `mappings`: of the queues whose mapping is valid."""
    if isinstance(action, OnQueue):
        if mapping := mappings.get(action.queue):
            yield from _rows(action, mapping) if isinstance(action, RowsAction) else _flag(action, mapping)
    elif isinstance(action, SessionAction):
        yield from _pattern("application", action.application)
    elif isinstance(action, MaintenanceAction):
        for at, pattern in enumerate(action.allow):
            yield from _pattern(f"allow.{at}", pattern)


def _rows(action: RowsAction, mapping: QueueMapping) -> Iterator[str]:
    effect = mapping.actions.get(action.do)
    if effect is None:
        there = ", ".join(mapping.actions) or "none"
        yield f"do: the mapping {mapping.name!r} has no action {action.do!r}; there are {there}"
    elif effect.fidelity == "unsupported":
        yield f"do: the mapping {mapping.name!r} says that {action.do!r} cannot be done from outside: {effect.note}"
    if action.select == "stale" and (mapping.stale is None or mapping.stale.alive is None):
        yield f"select: the mapping {mapping.name!r} has no second sign of death, so no row may be taken as stale"


def _flag(action: FlagAction, mapping: QueueMapping) -> Iterator[str]:
    if mapping.flags is None or not mapping.flags.write:
        yield f"effect: the mapping {mapping.name!r} does not say how a flag is written ([flags] write)"
    placeholders = set(_PLACEHOLDER.findall(action.flag))
    for name in sorted(placeholders - action.params.keys()):
        yield f"params: {{{name}}} in `flag` has no pattern that its value must match"
    for name in sorted(action.params.keys() - placeholders):
        yield f"params: {name} does not stand in `flag`"
    for name, pattern in action.params.items():
        yield from _pattern(f"params.{name}", pattern)


def _pattern(key: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{key}: not a pattern: {error}"
