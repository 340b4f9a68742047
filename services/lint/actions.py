"""What is wrong with an action beyond its form: names that lead nowhere, patterns that keep nothing out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from services.lint.purging import purge, verify
from services.profile import (
    Action,
    CommandAction,
    FlagAction,
    HttpAction,
    MaintenanceAction,
    OnQueue,
    PurgeAction,
    RowsAction,
    SessionAction,
    VerifyAction,
)
from services.queues.mapping import Mapping as QueueMapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SHELLS = ("sh", "bash", "dash", "zsh", "ash", "ksh", "ssh", "eval", "su", "xargs")
_EVIL = ("a;b", "a b", "$(a)", "`a`", "a|b", "a&b", "a>b", "a\nb")  # what a shell would not take for one word


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
    elif isinstance(action, CommandAction):
        yield from _command(action)
    elif isinstance(action, HttpAction):
        yield from _request(action)
    elif isinstance(action, PurgeAction):
        yield from purge(action)
    elif isinstance(action, VerifyAction):
        yield from verify(action)


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


def _command(action: CommandAction) -> Iterator[str]:
    for key, argv in (("argv", action.argv), ("post_check", action.post_check)):
        for part in argv:
            for name in _PLACEHOLDER.findall(part):
                if part != f"{{{name}}}":
                    yield f"{key}: {part!r}: a placeholder stands for a whole argument"
        if argv and _PLACEHOLDER.search(argv[0]):
            yield f"{key}: the program itself is no parameter"
    yield from _params(action.params, " ".join((*action.argv, *action.post_check)))
    if any(part.rpartition("/")[2] in _SHELLS for part in action.argv):
        for name, pattern in action.params.items():
            if any(_lets(pattern, each) for each in _EVIL):
                yield f"params.{name}: a shell reads the command, and the pattern lets through what is more than a word"


def _request(action: HttpAction) -> Iterator[str]:
    parts = urlsplit(action.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield f"url: {parts.scheme or 'no scheme'} is not http or https, or there is no host"
    if _PLACEHOLDER.search(parts.netloc):
        yield "url: the host is no parameter"
    yield from _params(action.params, f"{action.url} {json.dumps(action.body)} {' '.join(action.post_check)}")


def _params(params: Mapping[str, str], where: str) -> Iterator[str]:
    named = set(_PLACEHOLDER.findall(where))
    for name in sorted(named - params.keys()):
        yield f"params: {{{name}}} has no pattern that its value must match"
    for name, pattern in params.items():
        if name not in named:
            yield f"params: {name} is used nowhere"
        yield from _pattern(f"params.{name}", pattern)


def _lets(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False  # told already


def _pattern(key: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{key}: not a pattern: {error}"
