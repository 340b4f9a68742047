"""Whether every section of a runbook that a profile leads to is there. Reads the runbooks' files, no network."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from services.errors import ConfigError
from services.profile import Profile
from services.runbook import anchors, reference, shipped

_TABLES = (
    *("sources", "rules", "actions", "patterns", "checks", "checklists", "playbooks", "records", "views", "tools"),
    "house",
)


def runbooks(profile: Profile) -> Iterator[str]:
    """One line per reference that leads nowhere, naming its table."""
    own = profile.runbook

    @cache
    def known(name: str) -> tuple[str, ...]:
        return anchors(name, own.path if name == profile.name else "")

    for where, told in _references(profile):
        name, anchor = reference(told)
        if name == profile.name and own.url and not own.path and name not in shipped():
            continue  # elsewhere: only who opens it can tell
        try:
            there = known(name)
        except ConfigError as error:
            yield f"[{where}] runbook: {error.message}"
        else:
            if anchor and anchor not in there:
                yield f"[{where}] runbook: {name} has no section {anchor!r}{_meant(anchor, there)}"


def _references(profile: Profile) -> Iterator[tuple[str, str]]:
    for table in _TABLES:
        for name, entry in getattr(profile, table).items():
            if entry.runbook:
                yield f"{table}.{name}", entry.runbook
    for table, procedures in (("checklists", profile.checklists), ("playbooks", profile.playbooks)):
        for name, procedure in procedures.items():
            for id_, step in procedure.steps.items():
                if step.runbook:
                    yield f"{table}.{name}.steps.{id_}", step.runbook


def _meant(anchor: str, there: tuple[str, ...]) -> str:
    close = get_close_matches(anchor, there, 1)
    return f"; {close[0]!r}?" if close else ""
