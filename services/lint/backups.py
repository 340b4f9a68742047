"""What is wrong with backups: sources that follow no backup, queries that change something, patterns that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.profile import BackupAction, BackupsSource, Profile, RestoreTestAction
from services.sql_text import not_a_question


def backups(profile: Profile) -> Iterator[str]:
    """One line per problem, naming the table."""
    for name, source in profile.sources.items():
        if isinstance(source, BackupsSource) and not isinstance(profile.actions.get(source.action), BackupAction):
            yield f"[sources.{name}] action: no action that dumps is named {source.action!r}"
    for name, action in profile.actions.items():
        if isinstance(action, BackupAction) and action.ledger and (why := not_a_question(action.ledger)):
            yield f"[actions.{name}] ledger: {why}"
        if isinstance(action, RestoreTestAction):
            yield from (f"[actions.{name}] {said}" for said in _test(action))


def _test(action: RestoreTestAction) -> Iterator[str]:
    for id_, smoke in action.smoke.items():
        if why := not_a_question(smoke.query):
            yield f"smoke.{id_}: {why}"
    for pattern in action.tolerate:
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"tolerate: {pattern!r} is not a pattern: {error}"
    if action.deletions:
        for key in ("ids", "left"):
            if why := not_a_question(getattr(action.deletions, key)):
                yield f"deletions.{key}: {why}"
