"""`watchdeck act`: preview an action, or carry it out; the same path that the console's keys and palette take."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import click

from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.actions.plan import Outcome, Plan, Step
    from services.profile import Profile

EXIT = {"done": 0, "unknown": 4}  # every other word: 1

EXAMPLES = """\b
Examples:
  watchdeck --profile mre act release-stale-locks --dry-run
  watchdeck --profile mre act requeue-jobs --set ids=17,18 --yes --reason "storage is back"
  watchdeck --profile mre act pause-job-type --set type=fuse --set expires=30m --yes --reason "backlog" """


def _settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        key, sign, text = value.partition("=")
        if not sign or not key or key in found:
            raise click.BadParameter(f"{value!r}: write key=value, each key once")
        found[key] = text
    return found


@click.command(epilog=EXAMPLES)
@click.argument("action")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", callback=_settings, help="What it applies to.")
@click.option("--dry-run", is_flag=True, help="Only the preview.")
@click.option("--yes", is_flag=True, help="Confirmed: nothing is asked. Needs --reason.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is recorded.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines: the steps, then the outcome.")
@click.option("--plan", metavar="FILE|-", type=click.File("r"), help="Carry out a preview that was taken before.")
@profile_option
@pass_context
def command(
    context: Context,
    action: str,
    settings: dict[str, str],
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    plan: IO[str] | None,
) -> None:
    """Preview an action, or carry it out. Exit code 0: done, 1: not applied, 4: not known yet."""
    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run contradict each other")
    if yes and plan is None and not reason.strip():
        raise click.UsageError("--yes needs --reason TEXT: it is recorded")
    if not yes and not dry_run and (plan is not None or not sys.stdin.isatty() or not sys.stdout.isatty()):
        raise click.UsageError("there is no terminal to ask on: say --dry-run, or --yes --reason TEXT")
    profile = context.profile()
    found = _given(plan.read(), action) if plan else asyncio.run(_preview(profile, action, settings, context.read_only))
    if dry_run:
        click.echo(found.model_dump_json() if as_json else _drawn(found))
        return
    if found.confirm.reason_required and yes and not reason.strip():
        raise click.UsageError("this plan needs --reason TEXT: it is recorded")
    if not yes:
        reason = _asked(found, reason)
    outcome = asyncio.run(_carry_out(profile, found, reason.strip(), context.read_only, as_json))
    _say(json.dumps({"outcome": outcome.model_dump()}) if as_json else _ended(outcome))
    sys.exit(EXIT.get(outcome.word, 1))


def _given(text: str, action: str) -> Plan:
    from pydantic import ValidationError

    from services.actions.plan import Plan

    try:
        plan = Plan.model_validate_json(text)
    except ValidationError as error:
        faults = f"{error.error_count()} faults"
        raise click.UsageError(f"--plan: not a preview as `act --dry-run --json` prints it: {faults}") from None
    if plan.request.action != action:
        raise click.UsageError(f"--plan: it is a preview of {plan.request.action}, not of {action}")
    return plan


async def _preview(profile: Profile, action: str, settings: dict[str, str], read_only: bool) -> Plan:
    from services.actions.connection import previewing
    from services.actions.environment import look
    from services.actions.identity import effective_role, whoami
    from services.actions.plan import Request
    from services.actions.preview import preview

    who = whoami()
    async with previewing(profile, action) as db:
        server = await look(db)
        role = effective_role(profile, who.login, server.roles, server.ledger)
        request = Request(action=action, args=settings, way="cli")
        return await preview(profile, request, db, actor=str(who), role=role, read_only=read_only)


async def _carry_out(profile: Profile, plan: Plan, reason: str, read_only: bool, as_json: bool) -> Outcome:
    from services.actions.identity import whoami
    from services.actions.journal import Journal
    from services.actions.runner import Runner

    runner = Runner(profile, plan, reason, whoami().login, Journal.of(profile), read_only)

    async def on_step(step: Step) -> None:
        if as_json:
            _say(json.dumps({"step": step, "id": runner.id}))

    runner.on_step = on_step
    with _undisturbed():
        return await runner.carry_out()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C or a hangup in the middle would only make the outcome unknown; it takes seconds, and has deadlines."""
    signals = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    before = [signal.signal(each, signal.SIG_IGN) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


def _say(text: str) -> None:
    """Whoever listened may be gone: the action goes on without them."""
    with contextlib.suppress(BrokenPipeError, OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _asked(plan: Plan, reason: str) -> str:
    """Shows the preview, and asks for what its risk demands. Anything else is a no."""
    click.echo(_drawn(plan))
    confirm = plan.confirm
    what = {"key": "y", "count": f"the count ({confirm.expected})", "name": f"{confirm.expected!r}"}[confirm.kind]
    if click.prompt(f"Type {what} to go on", default="", show_default=False) != confirm.expected:
        raise click.UsageError("not confirmed: nothing was changed")
    while confirm.reason_required and not reason.strip():
        reason = click.prompt("Reason", default="", show_default=False)
    return reason


def _drawn(plan: Plan) -> str:
    """The preview in words."""
    rows = [f"  {target.id}  {target.label}  {target.state}  {target.note}".rstrip() for target in plan.targets[:20]]
    if len(plan.targets) > 20:
        rows.append(f"  ... and {len(plan.targets) - 20} more")
    more = "+" if plan.matching_at_least else ""
    share = f", {plan.table_share:.2%} of the table" if plan.table_share is not None else ""
    return "\n".join(
        [
            f"{plan.title}: {plan.environment}, {plan.server}, as {plan.actor} ({plan.role}, {plan.database_user})",
            f"{len(plan.targets)} of {plan.matching}{more} matching{share}; cap {plan.cap}",
            *rows,
            *(f"  {count} x {kind}" for kind, count in plan.per_type.items()),
            "will change: " + "; ".join(plan.changes),
            "can be undone" if plan.reversible else "cannot be undone",
            *(f"note: {warning}" for warning in plan.warnings),
        ]
    )


def _ended(outcome: Outcome) -> str:
    lines = [f"{outcome.word}: {outcome.message}", f"action {outcome.id}"]
    lines += [f"  {one}" for one in outcome.differing]
    return "\n".join(lines + ([f"  -> {outcome.remedy}"] if outcome.remedy else []))
