"""An action in words, for a terminal: its preview, the question that confirms it, and how it ended."""

from __future__ import annotations

import sys
import termios
from typing import TYPE_CHECKING

import click

from services.errors import ActionError
from services.text import safe

if TYPE_CHECKING:
    from services.actions.plan import Outcome, Plan


def asked(plan: Plan, reason: str) -> str:
    """Shows the preview, and asks for what its risk demands; the reason. ActionError: anything else was typed."""
    click.echo(drawn(plan))
    termios.tcflush(sys.stdin, termios.TCIFLUSH)  # what was typed before the preview could be read is no answer to it
    confirm = plan.confirm
    what = {"key": "y", "count": f"the count ({confirm.expected})", "name": f"{confirm.expected!r}"}[confirm.kind]
    if click.prompt(f"Type {what} to go on", default="", show_default=False) != confirm.expected:
        raise ActionError("not confirmed: nothing was changed")
    while confirm.reason_required and not reason.strip():
        reason = click.prompt("Reason", default="", show_default=False)
    return reason


def drawn(plan: Plan) -> str:
    """The preview in words."""
    rows = [
        f"  {safe(target.id, 80)}  {target.label}  {target.state}  {target.note}".rstrip()
        for target in plan.targets[:20]
    ]
    if plan.count > len(rows):
        rows.append(f"  ... and {plan.count - len(rows)} more")
    more = "+" if plan.matching_at_least else ""
    share = f", {plan.table_share:.2%} of the table" if plan.table_share is not None else ""
    return "\n".join(
        [
            f"{plan.title}: {plan.environment}, {plan.server}, as {plan.actor} ({plan.role}, {plan.database_user})",
            f"{plan.count} of {plan.matching}{more} matching{share}; cap {plan.cap}",
            *rows,
            *(f"  {count} x {kind}" for kind, count in plan.per_type.items()),
            "will change: " + "; ".join(plan.changes),
            plan.undo,
            *(f"note: {warning}" for warning in plan.warnings),
        ]
    )


def ended(outcome: Outcome) -> str:
    lines = [f"{outcome.word}: {outcome.message}", f"action {outcome.id}"]
    lines += [f"  {one}" for one in outcome.differing]
    return "\n".join(lines + ([f"  -> {outcome.remedy}"] if outcome.remedy else []))
