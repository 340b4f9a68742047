"""What is wrong with a profile beyond its form: names that lead nowhere, rules that can never fire. No network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from services.errors import ConfigError
from services.lint import actions
from services.lint.backups import backups
from services.lint.database import database
from services.lint.machine import machine
from services.lint.outgoing import outgoing
from services.lint.places import places
from services.lint.procedures import procedures
from services.lint.quiet import quiet
from services.lint.reach import reach
from services.lint.records import records
from services.lint.releases import releases
from services.lint.restricted import restricted
from services.lint.rules import rules
from services.lint.runbook import runbooks
from services.profile import Profile, QueueSource, mapping_of
from services.queues.mapping import Effect
from services.queues.mapping import Mapping as QueueMapping

TAKEN = "GSX"  # the last row, the order reversed, all actions
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def check(profile: Profile) -> list[str]:
    """One line per problem, each naming the table and the key; empty when there is none."""
    mappings: dict[str, QueueMapping] = {}
    problems = []
    for name, source in profile.of_kind("queue").items():
        try:
            mappings[name] = mapping_of(source, name)
        except ConfigError as error:
            problems.append(error.message)
    problems += _sources(profile, mappings)
    for name, action in profile.actions.items():
        problems += (f"[actions.{name}] {problem}" for problem in actions.action(action, mappings))
    return [
        *problems,
        *rules(profile),
        *quiet(profile),
        *outgoing(profile),
        *_keys(profile),
        *_codes(profile),
        *database(profile),
        *reach(profile),
        *restricted(profile),
        *machine(profile),
        *runbooks(profile),
        *procedures(profile),
        *releases(profile),
        *backups(profile),
        *records(profile),
        *places(profile),
    ]


def _sources(profile: Profile, mappings: Mapping[str, QueueMapping]) -> Iterator[str]:
    for name, source in profile.sources.items():
        if isinstance(source, QueueSource):
            if mapping := mappings.get(name):
                yield from _mapping(mapping, source, name)
        elif source.kind in ("runs", "flags", "reaper"):
            mapping = mappings.get(source.queue)
            if mapping and getattr(mapping, source.kind) is None:
                yield f"[sources.{name}] queue: the mapping {mapping.name!r} has no [{source.kind}] table"
        if source.timeout <= 0 or source.interval <= 0:
            yield f"[sources.{name}] interval and timeout must be more than nothing"


def _mapping(mapping: QueueMapping, source: QueueSource, name: str) -> Iterator[str]:
    """What the models cannot see: states that other tables name."""
    known = {*mapping.states, *mapping.extra}
    for key in ("counted", "estimated"):
        for state in getattr(mapping.cost, key):
            if state not in known:
                yield f"[sources.{name}] mapping {mapping.name!r}, cost.{key}: there is no state {state!r}"
    for both in mapping.states.keys() & mapping.extra.keys():
        yield f"[sources.{name}] mapping {mapping.name!r}: the state {both!r} is in [states] and in [extra]"
    if source.types:
        for type_ in source.stale_after.keys() - set(source.types):
            yield f"[sources.{name}.stale_after] {type_}: not one of this queue's `types`"
    for do, effect in mapping.actions.items():
        for problem in _effect(effect, mapping):
            yield f"[sources.{name}] mapping {mapping.name!r}, actions.{do}: {problem}"


def _effect(effect: Effect, mapping: QueueMapping) -> Iterator[str]:
    if effect.of == "runs" and mapping.runs is None:
        yield "it is of runs, and there is no [runs] table"
        return
    rows = mapping.columns if effect.of == "jobs" else mapping.runs
    for column in effect.match:
        if getattr(rows, column, None) is None:
            yield f"match: {column} is not in [{'columns' if effect.of == 'jobs' else 'runs'}]"
    known = {*mapping.states, *mapping.extra}
    if effect.of == "runs" and mapping.runs:
        known = {*mapping.runs.live, *mapping.runs.finished}
    for state in effect.from_states:
        if state not in known:
            yield f"from_states: there is no state {state!r}; there are {', '.join(sorted(known))}"
    if ":ids" not in effect.sql:
        yield "sql: it does not use :ids, so it would not keep to the rows that were previewed"


def _keys(profile: Profile) -> Iterator[str]:
    """Capital letters start actions, and nothing else does. One key may start a pair, as pause and resume do."""
    for name, action in profile.actions.items():
        if action.key and not re.fullmatch("[A-Z]", action.key):
            yield f"[actions.{name}] key: {action.key!r} is not one capital letter"
        elif action.key and action.key in TAKEN:
            yield f"[actions.{name}] key: {action.key} is a key of the console's own"


def _codes(profile: Profile) -> Iterator[str]:
    pairs = ((code, name) for name, pattern in profile.patterns.items() for code in pattern.codes)
    for code, names in _grouped(pairs).items():
        if len(names) > 1:
            yield f"[patterns.{names[-1]}] codes: {code} stands under {names[0]} already"


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
