"""Commands: a deadline that takes the whole group, bounded output, and errors that say what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from services.errors import SourceError
from services.run import run


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline, f"{pid} lives on"
        await asyncio.sleep(0.01)


async def test_it_tells_code_and_both_outputs_and_no_shell_reads_the_arguments() -> None:
    ran = await run(["sh", "-c", 'printf "%s" "$1"; echo warned >&2; exit 3', "x", "$HOME; *"], 5, 1000)
    assert (ran.code, ran.out, ran.err, ran.cut, ran.ended) == (3, b"$HOME; *", b"warned\n", False, "")


async def test_the_deadline_ends_the_whole_group_even_what_ignores_the_request(tmp_path: Path) -> None:
    script = f"trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > {tmp_path}/child; sleep 60' & sleep 60"
    ran = await run(["sh", "-c", f"echo before; {script}"], 0.3, 1000)
    assert (ran.code, ran.ended, ran.out) == (None, "timeout", b"before\n")
    await gone(int((tmp_path / "child").read_text()))


async def test_what_a_command_leaves_behind_is_ended_and_does_not_hold_it_up(tmp_path: Path) -> None:
    ran = await run(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/left; echo done"], 5, 1000)
    assert (ran.code, ran.out) == (0, b"done\n") and ran.took_s < 2
    await gone(int((tmp_path / "left").read_text()))


async def test_one_that_left_the_group_and_holds_the_pipe_does_not_hold_us(tmp_path: Path) -> None:
    pid, before = tmp_path / "pid", descriptors()
    away = f"setsid sh -c 'echo $$ > {pid}; exec sleep 60' & while [ ! -s {pid} ]; do sleep 0.01; done; echo done"
    ran = await run(["sh", "-c", away], 5, 1000)
    await asyncio.sleep(0)
    try:
        assert (ran.code, ran.out) == (0, b"done\n") and ran.took_s < 4
        assert alive(int(pid.read_text())) and descriptors() <= before
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


async def test_output_is_kept_up_to_the_limit_and_one_without_end_is_ended() -> None:
    long = await run(["sh", "-c", "head -c 5000 /dev/zero; exit 7"], 5, 1000)
    assert (long.code, len(long.out), long.cut) == (7, 1000, True)
    endless = await run(["yes"], 30, 1000)
    assert (endless.code, endless.ended, len(endless.out)) == (None, "flood", 1000)


async def test_one_that_may_not_be_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.process.GONE_S", 0.1)
    monkeypatch.setattr("services.process.TERM_S", 0.1)
    monkeypatch.setattr("os.killpg", lambda group, number: (_ for _ in ()).throw(PermissionError()))
    ran = await asyncio.wait_for(run(["sleep", "3"], 0.1, 1000), 2.5)
    assert (ran.code, ran.ended) == (None, "timeout")


async def test_a_cancelled_run_takes_its_command_with_it(tmp_path: Path) -> None:
    task = asyncio.create_task(run(["sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 60"], 60, 1000))
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text().strip()):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(pid.read_text()))


@pytest.mark.parametrize(
    ("argv", "kind", "words"),
    [
        (["no-such-program"], "missing", "there is no program no-such-program"),
        (["/etc/passwd"], "denied", "may not be run"),
        (["sh", "a\0b"], "config", "null byte"),
    ],
)
async def test_what_cannot_be_started_says_why(argv: list[str], kind: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        await run(argv, 1, 100)
    assert caught.value.kind == kind and words in caught.value.message and caught.value.remedy


async def test_a_folder_that_is_not_there_is_not_taken_for_a_missing_program() -> None:
    with pytest.raises(SourceError, match="there is no folder /no/such"):
        await run(["sh"], 1, 100, directory="/no/such")
