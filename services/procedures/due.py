"""What comes round: when a procedure or a record was done last, and when it is due again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.procedures.kept import Kept
from services.procedures.timer import Due, When

if TYPE_CHECKING:
    from services.profile import Profile

SOON = 0.1  # of its time


def dues(profile: Profile, kept: Kept, wall: float) -> tuple[Due, ...]:
    """Of everything that has `every`, in the profile's order."""
    return tuple(_due(id_, title, every, kept, wall) for id_, title, every in _recurring(profile))


def overdue(found: tuple[Due, ...]) -> tuple[Due, ...]:
    """The longest overdue first."""
    return tuple(sorted((due for due in found if due.when == "overdue"), key=lambda due: due.at or 0.0))


def _recurring(profile: Profile) -> Iterator[tuple[str, str, float]]:
    """Procedures, then records, then those actions whose reports come round: restore tests."""
    for id_, each in (*profile.procedures.items(), *profile.records.items(), *profile.actions.items()):
        if every := getattr(each, "every", None):
            yield id_, each.title, every


def _due(id_: str, title: str, every: float, kept: Kept, wall: float) -> Due:
    if kept.no_records:
        return Due(id_, title, every, "unknown")
    last = kept.passed.get(id_)
    if last is None:
        return Due(id_, title, every, "due now")
    at = last.at + every
    when: When = "overdue" if wall >= at else "due soon" if wall >= at - SOON * every else "ok"
    return Due(id_, title, every, when, last, at)
