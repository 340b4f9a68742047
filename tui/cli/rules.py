"""`watchdeck rules`: write down what the sources bring, and try rules on what was written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.alerts import Alerts
    from services.replay import Replay
    from services.watching.transitions import Transition

EXAMPLE = """\b
Examples:
  watchdeck --profile mre rules record friday.jsonl --for 2h
  watchdeck --profile mre rules test friday.jsonl
  watchdeck rules test friday.jsonl --profile ./stricter.toml --expect stale-locks=firing"""
STATES = ("ok", "pending", "firing", "recovering", "unknown")


def _example(line: str) -> str:
    return f"\b\nExample:\n  watchdeck rules {line}"


def _seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    from services.model import parse_duration

    try:
        return None if value is None else float(str(parse_duration(value)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _expected(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    found = dict(each.rpartition("=")[::2] for each in value)
    for key, state in found.items():
        if not key or state not in STATES:
            raise click.BadParameter(f"{key}={state}: it is RULE=STATE; there are {', '.join(STATES)}")
    return found


@click.group(epilog=EXAMPLE)
def command() -> None:
    """Record readings, and replay them against the profile's rules."""


@command.command(epilog=_example("record friday.jsonl --for 2h"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--for", "seconds", metavar="TIME", default=None, callback=_seconds, help="Default: until Ctrl-C.")
@profile_option
@pass_context
def record(context: Context, file: Path, seconds: float | None) -> None:
    """Poll every source as the console does, and write what it brings to FILE, a reading a line. FILE must be new."""
    import asyncio
    from contextlib import suppress

    from services.clock import SystemClock
    from services.recorder import record as run

    profile = context.profile()
    sources: Counter[str] = Counter()
    with _new(file) as out, suppress(KeyboardInterrupt):
        click.echo(f"recording to {file}; Ctrl-C ends it", err=True)
        asyncio.run(run(profile, SystemClock(), out, seconds, lambda reading: sources.update([reading.source])))
    click.echo(f"{file}: {sources.total()} readings of {len(sources)} sources")


def _new(file: Path) -> Any:
    """Readings tell much about a system: for nobody else's eyes."""
    import os

    from services.errors import ConfigError

    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror}", "name a new file, in a folder of yours"
        ) from error


@command.command(epilog=_example("test friday.jsonl"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Every transition and the end, as one line of JSON.")
@click.option(
    "--expect", metavar="RULE=STATE", multiple=True, callback=_expected, help="Exit 1 when it does not end so."
)
@profile_option
@pass_context
def test(context: Context, file: Path, as_json: bool, expect: dict[str, str]) -> None:
    """Replay a recording against the profile's rules: each transition with its time, and how everything stands then."""
    from services.recording import read
    from services.replay import Replay

    profile = context.profile()
    header, readings = read(file)
    replay = Replay(profile, readings)
    if as_json:
        _print_json(header.profile, replay)
    else:
        for turn in replay.transitions():
            click.echo(_turn(turn))
        click.echo("\n".join(_end(replay)))
    if wrong := list(_unexpected(replay.alerts, expect)):
        click.echo("\n".join(wrong), err=True)
        raise SystemExit(1)


def _print_json(profile: str, replay: Replay) -> None:
    import json

    from services.plain import plain

    turns = [plain(turn) for turn in replay.transitions()]
    alerts = [{**plain(alert), "key": alert.key} for alert in replay.alerts]
    for alert in alerts:
        del alert["course"]
    told = {"recorded_of": profile, "from": replay.began, "to": replay.ended, "readings": replay.count}
    click.echo(json.dumps({**told, "transitions": turns, "alerts": alerts}, allow_nan=False))


def _turn(turn: Transition) -> str:
    said = f": {turn.said}" if turn.said else ""
    return f"{_time(turn.at)}  {turn.state:10} {turn.level:5} {turn.key} {_value(turn.value)}{said}"


def _end(replay: Replay) -> Iterator[str]:
    if replay.began is None or replay.ended is None:
        yield "the recording has no readings"
        return
    yield f"{replay.count} readings, {_time(replay.began)} to {_time(replay.ended)}; at the end:"
    for alert in replay.alerts:
        why = f": {alert.reason}" if alert.reason else ""
        yield f"  {alert.state:10} {alert.key} {_value(alert.value)} ({alert.threshold}){why}"


def _unexpected(alerts: Alerts, expect: dict[str, str]) -> Iterator[str]:
    for key, state in expect.items():
        alert = alerts.get(key)
        found = alert.state if alert else "not there"
        if found != state:
            yield f"{key}: expected {state}, and it is {found}"


def _value(value: Any) -> str:
    from services.readings import Unknown, number

    return "?" if isinstance(value, Unknown) else f"{number(value):.4g}"


def _time(at: float) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
