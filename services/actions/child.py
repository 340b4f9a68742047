"""Runs `watchdeck act` in a process of its own, so that nothing that happens to the screen stops an action half way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import services
from services.actions.plan import WHO_SETTLES, Outcome, Plan, Step
from services.model import Model
from services.text import safe

SILENCE_S = 40.0  # the runner's own deadlines end before: connect 5, reply 10, settle 15
_STDERR = 2000


async def run_child(
    plan: Plan,
    reason: str,
    profile_path: Path,
    on_step: Callable[[Step | str], None] = lambda step: None,
    stop: asyncio.Event | None = None,
) -> Outcome:
    """Hands the confirmed plan to a child and follows it. The child is never killed: if this task is cancelled, or the
    console dies, it goes on. `on_step` hears the steps, and what is said between them. `unknown` when it ends or falls
    silent without an outcome; the console settles that. `stop` asks it, as Ctrl-C does, to cut short what can be.
    """
    argv = ["-m", "tui", "--profile", str(profile_path), "act", plan.request.action]
    argv += ["--plan", "-", "--yes", f"--reason={reason}", "--json"]
    process = _start([sys.executable, *argv], plan.model_dump_json().encode())
    assert process.stdout and process.stderr
    heard = _Heard()
    async with _reading(process.stdout) as lines, _reading(process.stderr) as errors:
        complaint = asyncio.ensure_future(errors.read(_STDERR))
        stopping = asyncio.ensure_future(_asked_to_stop(process, stop or asyncio.Event()))
        try:
            await _follow(lines, heard, on_step)
            if heard.outcome or heard.ended:
                with contextlib.suppress(subprocess.TimeoutExpired):  # it has nothing left to do but end
                    await asyncio.to_thread(process.wait, 2.0)
            return heard.outcome or _without(plan, heard, await _said(complaint))
        finally:
            complaint.cancel()
            stopping.cancel()


async def _asked_to_stop(process: subprocess.Popen[bytes], stop: asyncio.Event) -> None:
    await stop.wait()
    process.send_signal(signal.SIGINT)


def _start(argv: list[str], given: bytes) -> subprocess.Popen[bytes]:
    """Not by asyncio: it kills a child when nobody refers to it any more. What is given waits in a file, whole."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a hangup of the terminal is not for it
            env=_environment(),
        )
    threading.Thread(target=process.wait, daemon=True, name="child").start()  # leaves no zombie, whenever it ends
    return process


@contextlib.asynccontextmanager
async def _reading(pipe: IO[bytes]) -> AsyncIterator[asyncio.StreamReader]:
    """Closed at the end: the child can write on, and nobody reads it."""
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        yield reader
    finally:
        transport.close()


class _Line(Model):
    """One line of `act --json`."""

    step: Step | None = None
    line: str = ""  # progress, or what a command has said
    id: str = ""
    outcome: Outcome | None = None


@dataclass
class _Heard:
    """What the child has said so far."""

    outcome: Outcome | None = None
    id: str = ""
    last: Step | str = "checked"
    intent: bool = False
    ended: bool = False

    def take(self, line: bytes) -> bool:
        """Whether it was a step, a line or the outcome. Anything else is not ours: a library's word on stdout."""
        try:
            said = _Line.model_validate_json(line)
        except ValueError:
            return False
        self.outcome = said.outcome
        if said.step or said.line:
            self.id, self.last = said.id, said.step or safe(said.line, 300)
            self.intent = self.intent or said.step == "intent"
        return bool(said.outcome or said.step or said.line)


async def _follow(lines: asyncio.StreamReader, heard: _Heard, on_step: Callable[[Step | str], None]) -> None:
    """Until the outcome, or until the child ends or says nothing that is its business: noise is no sign of life."""
    deadline = time.monotonic() + SILENCE_S
    while heard.outcome is None:
        try:
            line = await asyncio.wait_for(lines.readline(), max(0.0, deadline - time.monotonic()))
        except (TimeoutError, ValueError):  # ValueError: a line without end
            return
        if not line:
            heard.ended = True
            return
        if heard.take(line):
            deadline = time.monotonic() + SILENCE_S
            if heard.outcome is None:
                on_step(heard.last)
        else:
            await asyncio.sleep(0)  # a flood is read between the keys, not instead of them


async def _said(complaint: asyncio.Future[bytes]) -> str:
    """What the child wrote to stderr, if it has ended."""
    done, _ = await asyncio.wait({complaint}, timeout=0.5)
    return safe(" ".join(complaint.result().decode(errors="replace").split()), 400) if done else ""


def _without(plan: Plan, heard: _Heard, complaint: str) -> Outcome:
    """No outcome. A child that ended before it said `intent` cannot have done anything."""
    nothing = heard.ended and not heard.intent
    why = complaint or ("the process that carries it out ended" if heard.ended else "its process fell silent")
    return Outcome(
        id=heard.id or str(uuid.UUID(int=0)),
        action=plan.request.action,
        word="not applied" if nothing else "unknown",
        asked=plan.count,
        applied=0 if nothing else None,
        message=f"{plan.title}: {why}",
        remedy="" if nothing else WHO_SETTLES,
        at=time.time(),
    )


def _environment() -> dict[str, str]:
    """Ours, and where these packages are: the console may have been started from a checkout."""
    root = str(Path(services.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
