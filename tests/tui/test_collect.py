"""The console without a screen on the demo's stack: what it serves, what `check` hears from it, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.demo import Demo, eventually


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tui", *argv], capture_output=True, text=True, timeout=60)


@contextmanager
def collecting(demo: Demo) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    argv = [sys.executable, "-m", "tui", "--profile", str(demo.profile_path), "collect", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout and process.stderr
    try:
        yield json.loads(process.stdout.readline())["metrics"], process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_it_serves_what_status_tells_and_check_hears_it(demo: Demo) -> None:
    with collecting(demo) as (url, process):
        eventually(
            lambda: "watchdeck_source_up{" in httpx.get(url).text and 'source="jobs"} 1.0' in httpx.get(url).text
        )
        page = httpx.get(url).text
        assert re.search(r'watchdeck_figure\{.*path="types\.fuse\.waiting".*source="jobs"\} \d', page)
        told = run("--profile", str(demo.profile_path), "check", "--rule", "stale-locks")
        assert "says the watch on this machine" in told.stdout
        assert re.match(r"(OK|UNKNOWN) - ", told.stdout)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    alone = run("--profile", str(demo.profile_path), "check", "--rule", "stale-locks", "--look", "3s")
    assert "says this command" in alone.stdout
    assert re.search(r"\| 'stale-locks'=0;;20", alone.stdout), alone.stdout
    assert alone.returncode == 0


def test_a_rule_that_is_not_there_and_an_address_that_is_none_are_refused(demo: Demo) -> None:
    wrong = run("--profile", str(demo.profile_path), "check", "--rule", "nonsense")
    assert (wrong.returncode, wrong.stdout[:36]) == (3, "UNKNOWN - --rule nonsense: there is ")
    where = run("--profile", str(demo.profile_path), "collect", "--listen", "nowhere")
    assert (where.returncode, "not HOST:PORT" in where.stderr) == (2, True)
