"""The cursor on the rows of a source that somebody was led to, in a view that shows several at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from widgets.table import TablePane

if TYPE_CHECKING:
    from services.profile import Condition, Profile, Step
    from tui.screens.view import ViewScreen


def find(screen: ViewScreen, sources: Collection[str]) -> None:
    """On the first of its rows in the first table that has any, with as many of the others as there is room for."""
    for pane in screen.present:
        if not isinstance(pane, TablePane):
            continue
        every = pane.table.rows if pane.table else ()
        wanted = {row.key for row in every if row.fields.get("source", "") in sources}
        if wanted:
            screen.set_focus(pane)
            if not any(row.key in wanted for row in pane.rows):
                pane.set_filter("")  # one of before, which hides just what is looked for now
            keys = [row.key for row in pane.rows if row.key in wanted]
            pane.go_to(keys[-1])
            pane.go_to(keys[0])
            return


def sources_of(profile: Profile, step: Step) -> tuple[str, ...]:
    """What its conditions are about, in their order."""
    return tuple(filter(None, (_source(profile, condition) for condition in (*step.holds, *step.shows))))


def _source(profile: Profile, condition: Condition) -> str:
    if check := profile.checks.get(condition.check):
        condition = check
    rule = profile.rules.get(condition.rule)
    return rule.source if rule else condition.source
