"""A program started in a session of its own, so that it can be ended together with everything it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from services.errors import SourceError
from services.text import safe

TERM_S = 0.5  # between the request to end and the end
GONE_S = 2.0  # for the end; what runs as somebody else, or waits for a dead disk, cannot be ended at all


class Process:
    """Made by `start`. Whoever starts one ends it: `end` in the ordinary case, `close` wherever nothing may wait."""

    def __init__(self, argv: Sequence[str], popen: subprocess.Popen[bytes]) -> None:
        self.shown = safe(" ".join(argv), 200)
        self._popen = popen
        self._exited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transports: list[asyncio.ReadTransport] = []
        self.out = asyncio.StreamReader()
        self.err = asyncio.StreamReader()
        threading.Thread(target=self._watch, args=(asyncio.get_running_loop(),), daemon=True, name="process").start()

    async def exited(self) -> None:
        """Until the program itself has ended, whatever it may have left behind."""
        await asyncio.shield(self._exited)

    async def end(self, patience_s: float = TERM_S) -> int:
        """Ask the whole group to end, and after a while end it. The exit code, below 0 for a signal."""
        if not self._exited.done():
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.exited(), patience_s)
        self.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.exited(), GONE_S)
        # only now is it reaped: until then its number cannot have become another process's
        return self._popen.wait() if self._exited.done() else -signal.SIGKILL

    async def leave(self) -> int:
        """Once it has ended: its exit code. What it started goes on, a service for example."""
        await self.exited()
        return self._popen.wait()

    @property
    def given(self) -> IO[bytes]:
        """Where what it reads is written; that blocks, until it reads or ends."""
        assert self._popen.stdin
        return self._popen.stdin

    def kill(self) -> None:
        """At once, with whatever is left of its group."""
        if self._popen.returncode is None:
            self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Ends it at once and lets go of its pipes, which something that left the group may still hold open."""
        self.kill()
        for transport in self._transports:
            transport.close()
        if self._popen.returncode is None:  # nobody may be there any more who could wait for it
            threading.Thread(target=self._popen.wait, daemon=True, name="process").start()

    async def connect(self) -> None:
        """Its pipes to our loop; without it nothing can be read."""
        assert self._popen.stdout and self._popen.stderr
        await self._read(self._popen.stdout, self.out)
        await self._read(self._popen.stderr, self.err)

    async def _read(self, pipe: IO[bytes], reader: asyncio.StreamReader) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        self._transports.append(transport)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
        else:  # macOS before Python 3.13
            self._popen.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(self._over)

    def _over(self) -> None:
        if not self._exited.done():
            self._exited.set_result(None)


async def start(
    argv: Sequence[str],
    directory: str = "",
    env: Mapping[str, str] | None = None,
    *,
    alone: bool = False,
    fed: bool = False,
) -> Process:
    """The program with its arguments as they stand: no shell reads them. `env` is added to ours, or stands alone.
    `fed`: it reads what is given to `Process.given`, and not nothing.

    SourceError when there is no such program, or it may not be run.
    """
    try:
        popen = _started(argv, directory, {**({} if alone else os.environ), **(env or {})}, fed)
    except OSError as error:
        raise _not_started(argv[0], directory, error) from error
    except ValueError as error:  # a zero byte in an argument
        raise SourceError("config", f"{safe(argv[0], 200)}: {error}", "look at the command in the profile") from error
    process = Process(argv, popen)
    await process.connect()
    return process


def _started(argv: Sequence[str], directory: str, env: Mapping[str, str], fed: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=directory or None,
        env=env,
    )


def _not_started(program: str, directory: str, error: OSError) -> SourceError:
    name = safe(program, 200)
    if directory and not Path(directory).is_dir():
        return SourceError("missing", f"{name}: there is no folder {safe(directory, 200)}", "see `directory`")
    if isinstance(error, FileNotFoundError):
        return SourceError(
            "missing", f"there is no program {name}", "install it, or write its whole path into the profile"
        )
    if isinstance(error, PermissionError):
        return SourceError("denied", f"{name} may not be run: {error.strerror}", f"chmod +x {name}, or another user")
    return SourceError("error", f"{name} did not start: {error.strerror}", "try it in a shell, as the same user")
