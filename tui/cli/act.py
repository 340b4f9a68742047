"""`watchdeck act`: preview an action, or carry it out; the same path that the console's keys and palette take."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

import click

from services.errors import ActionError, Denied
from services.text import safe
from tui.cli.act_text import asked, drawn, ended
from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.actions.gate import Refusal
    from services.actions.plan import Outcome, Plan, Step
    from services.profile import Profile

EXIT = {"done": 0, "unknown": 4}  # every other word: 1
LONGEST_REASON = 2000

EXAMPLES = """\b
Examples:
  watchdeck --profile mre act release-stale-locks --dry-run
  watchdeck --profile mre act requeue-jobs --set ids=17,18 --yes --reason "storage is back"
  watchdeck --profile mre act pause-job-type --set type=fuse --set expires=30m --yes --reason "backlog" """


def settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        key, sign, text = value.partition("=")
        if not sign or not key or key in found:
            raise click.BadParameter(f"{value!r}: write key=value, each key once")
        found[key] = text
    return found


@click.command(epilog=EXAMPLES)
@click.argument("action")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", callback=settings, help="What it applies to.")
@click.option("--resume", metavar="MANIFEST", default="", help="Go on with what was begun and not ended.")
@click.option("--dry-run", is_flag=True, help="Only the preview.")
@click.option("--yes", is_flag=True, help="Confirmed: nothing is asked. Needs --reason.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is recorded.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines: the steps, then the outcome.")
@click.option(
    "--plan",
    metavar="FILE|-",
    type=click.File("r"),
    help="Carry out a preview from --dry-run --json, at most 60 s old and word for word as it was.",
)
@profile_option
@pass_context
def command(
    context: Context,
    action: str,
    settings: dict[str, str],
    resume: str,
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    plan: IO[str] | None,
) -> None:
    """Preview an action, or carry it out. Exit code 0: done, 1: not applied, 4: not known yet."""
    settings |= {"resume": resume} if resume else {}
    _insist_on_usage(dry_run, yes, reason, as_json, settings, plan)
    profile = context.profile()
    try:
        found = _given(profile, plan.read(), action) if plan else asyncio.run(_preview(context, action, settings))
    except Denied as error:
        if not dry_run:
            _note_refusal(profile, action, settings, error.message)
        raise
    if dry_run:
        click.echo(found.model_dump_json() if as_json else drawn(found))
        return
    if found.confirm.reason_required and yes and not reason.strip():
        raise click.UsageError("this plan needs --reason TEXT: it is recorded")
    reason = reason if yes else asked(found, reason)
    if refusal := asyncio.run(_turned(profile, found)):
        _note_refusal(profile, action, found.request.args, refusal.message)
        raise Denied(refusal.message, refusal.remedy)
    outcome = asyncio.run(_carry_out(profile, found, reason.strip(), context.read_only, as_json))
    _say(json.dumps({"outcome": outcome.model_dump()}) if as_json else ended(outcome))
    sys.exit(EXIT.get(outcome.word, 1))


def _insist_on_usage(
    dry_run: bool, yes: bool, reason: str, as_json: bool, settings: dict[str, str], plan: IO[str] | None
) -> None:
    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run contradict each other")
    if plan and settings:
        raise click.UsageError("--plan and --set contradict each other: the plan has its rows")
    if yes and plan is None and not reason.strip():
        raise click.UsageError("--yes needs --reason TEXT: it is recorded")
    if len(reason) > LONGEST_REASON:
        raise click.UsageError(f"--reason: {len(reason):,} characters; {LONGEST_REASON:,} at most")
    if yes or dry_run:
        return
    if as_json:
        raise click.UsageError("--json asks nothing: say --dry-run, or --yes --reason TEXT")
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise click.UsageError("there is no terminal to ask on: say --dry-run, or --yes --reason TEXT")


def _given(profile: Profile, text: str, action: str) -> Plan:
    from pydantic import ValidationError

    from services.actions.plan import Plan
    from services.actions.seal import insist_unchanged

    try:
        plan = Plan.model_validate_json(text)
    except ValidationError as error:
        faults = f"{error.error_count()} faults"
        raise click.UsageError(f"--plan: not a preview as `act --dry-run --json` prints it: {faults}") from None
    if plan.request.action != action:
        raise click.UsageError(f"--plan: it is a preview of {safe(plan.request.action, 80)}, not of {action}")
    insist_unchanged(profile, plan)
    return plan


def _note_refusal(profile: Profile, action: str, settings: dict[str, str], message: str) -> None:
    """What was refused before it began is recorded as well, as the console does it."""
    from services.actions.identity import whoami
    from services.actions.journal import Journal
    from services.actions.plan import Request

    who = whoami()
    title = profile.actions[action].title if action in profile.actions else action
    try:
        Journal.of(profile).append_refused(
            Request(action=action, args=settings), title, str(who), profile.roles.of(who.login), message
        )
    except ActionError as error:
        click.echo(f"watchdeck: the refusal was not recorded: {error.message}", err=True)


async def _preview(context: Context, action: str, settings: dict[str, str]) -> Plan:
    from services.actions.identity import whoami
    from services.actions.plan import Request
    from services.actions.preview import preview, previewing
    from services.clock import SystemClock
    from services.procedures.gate import gate_of

    who, profile = whoami(), context.profile()
    request = Request(action=action, args=settings, way="cli")
    gate = await gate_of(profile, action, SystemClock())
    async with previewing(profile, action) as prospect:
        role = await prospect.role(who.login)
        return await preview(
            profile, request, prospect, actor=str(who), role=role, read_only=context.read_only, gate=gate
        )


async def _turned(profile: Profile, plan: Plan) -> Refusal | None:
    """Where its gate held at the preview, which may be a minute ago, it is judged again."""
    from services.actions.gate import turned
    from services.clock import SystemClock
    from services.procedures.gate import gate_of

    if plan.gate != "holds":
        return None
    return turned(plan, await gate_of(profile, plan.request.action, SystemClock()))


async def _carry_out(profile: Profile, plan: Plan, reason: str, read_only: bool, as_json: bool) -> Outcome:
    from services.actions.identity import whoami
    from services.actions.journal import Journal
    from services.actions.runner import Runner

    who = whoami()
    runner = Runner(profile, plan, reason, who.login, Journal.of(profile), read_only, actor=str(who))

    async def on_step(step: Step) -> None:
        if as_json:
            _say(json.dumps({"step": step, "id": runner.id}))

    async def on_line(line: str) -> None:
        _say(json.dumps({"line": line, "id": runner.id}) if as_json else line)

    runner.on_step, runner.on_line = on_step, on_line
    with _undisturbed(runner.stop.set):
        return await runner.carry_out()


@contextlib.contextmanager
def _undisturbed(stop: Callable[[], None]) -> Iterator[None]:
    """A hangup in the middle would only make the outcome unknown; most of it takes seconds, and has deadlines. Ctrl-C
    cuts short what can be: a program, a VACUUM. By handlers that do nothing: what is ignored, a program that is started
    would ignore as well."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    before = [signal.getsignal(each) for each in signals]
    loop.add_signal_handler(signal.SIGINT, stop)
    for each in signals[1:]:
        signal.signal(each, lambda number, frame: None)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


def _say(text: str) -> None:
    """Whoever listened may be gone: the action goes on without them, and its exit code stays its own."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
