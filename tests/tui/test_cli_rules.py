"""`watchdeck rules`: record what a server says, and replay it against rules that the recording has never met."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from services.readings import Fault, Reading
from services.recording import FORMAT, Header, read, write, write_header
from tests import samples
from tui.__main__ import root

START = samples.NOW
PROFILE = """
schema = 1
name = "mine"
title = "Mine"
severities = ["SEV1"]
[sources.api]
kind = "http"
url = "{url}"
paths = ["/health"]
interval = "1s"
[rules.down]
title = "A health endpoint fails"
source = "api"
figure = "failing"
value = 0
for = "10s"
[rules.slow]
title = "Slow"
source = "api"
figure = "checks.*.latency_s"
over = "mean"
window = "20s"
value = 5
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(root, ["rules", *args])


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "watchdeck.toml"
    path.write_text(PROFILE.format(url="http://127.0.0.1:9"))
    return path


def recording(path: Path, *each: str, every: float = 5.0) -> str:
    """A reading every five seconds: good, bad or lost."""
    values = {"good": samples.health_healthy(), "bad": samples.health_troubled(), "lost": None}
    with path.open("w") as file:
        write_header(file, Header(FORMAT, "other", START))
        for n, word in enumerate(each):
            fault = Fault("unreachable", "connection refused") if word == "lost" else None
            write(file, Reading("api", START + every * n, 50 + every * n, 0.1, every, values[word], fault))
    return str(path)


def test_each_transition_is_told_with_its_time_and_then_the_end(tmp_path: Path, profile: Path) -> None:
    file = recording(tmp_path / "r.jsonl", *["good"] * 6, *["bad"] * 4, "lost", "lost", *["good"] * 2)
    result = run("test", file, "--profile", str(profile), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["recorded_of"], told["readings"], told["to"] - told["from"]) == ("other", 14, 65)
    turns = [(turn["at"] - START, turn["state"]) for turn in told["transitions"] if turn["key"] == "down"]
    assert turns[:3] == [(0, "ok"), (30, "pending"), (40, "firing")]
    assert turns[-1] == (60, "ok"), "while the source was lost it was not resolved"
    ends = {alert["key"]: alert["state"] for alert in told["alerts"]}
    assert ends["down"] == "ok" and ends["slow{path=/api/ready}"] == "unknown", "a gap, and no whole window since"
    text = run("test", file, "--profile", str(profile)).stdout
    assert "  firing     page  down 2\n" in text and "14 readings, " in text.splitlines()[-5]


def test_silence_between_two_readings_is_told_by_the_clock_alone(tmp_path: Path, profile: Path) -> None:
    file = tmp_path / "r.jsonl"
    lines = Path(recording(file, "bad", "bad")).read_text().splitlines()
    late = json.loads(lines[2]) | {"at": START + 300, "mono": 350.0}
    file.write_text("\n".join([*lines[:2], json.dumps(late)]))
    turns = json.loads(run("test", str(file), "--profile", str(profile), "--json").stdout)["transitions"]
    of_rule = [(turn["at"] - START, turn["state"]) for turn in turns if turn["key"] == "down"]
    assert of_rule == [(0, "pending"), (15, "unknown"), (300, "pending")]


def test_what_stood_in_for_the_instances_of_a_rule_is_not_told_as_gone(tmp_path: Path, profile: Path) -> None:
    file = tmp_path / "r.jsonl"
    header, first, *rest = Path(recording(file, "good", "good")).read_text().splitlines()
    other = json.dumps(json.loads(first) | {"source": "other", "mono": 49.0})
    file.write_text("\n".join([header, other, first, *rest]))
    told = json.loads(run("test", str(file), "--profile", str(profile), "--json").stdout)
    assert [turn["said"] for turn in told["transitions"] if turn["key"] == "slow"] == ["api: no data yet"]


def test_what_is_expected_and_does_not_come_exits_1(tmp_path: Path, profile: Path) -> None:
    file = recording(tmp_path / "r.jsonl", *["bad"] * 4)
    assert run("test", file, "--profile", str(profile), "--expect", "down=firing").exit_code == 0
    missed = run("test", file, "--profile", str(profile), "--expect", "down=ok", "--expect", "nothing=ok")
    assert missed.exit_code == 1
    assert missed.stderr.splitlines() == [
        "down: expected ok, and it is firing",
        "nothing: expected ok, and it is not there",
    ]
    assert run("test", file, "--profile", str(profile), "--expect", "down").exit_code == 2


def test_what_is_no_recording_exits_2_with_its_line(tmp_path: Path, profile: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text("hello\n")
    result = run("test", str(file), "--profile", str(profile))
    assert (result.exit_code, f"{file}: line 1: not the beginning of a recording" in result.stderr) == (2, True)


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "1.2"}')

    def log_message(self, format: str, *args: object) -> None:
        """Not on the tests' output."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as serving:
        Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


def test_what_a_server_says_is_recorded_and_can_be_replayed(tmp_path: Path, profile: Path, server: str) -> None:
    profile.write_text(PROFILE.format(url=server).replace('"1s"', '"200ms"'))
    file = tmp_path / "new.jsonl"
    result = run("record", str(file), "--for", "2s", "--profile", str(profile))
    assert result.exit_code == 0, result.output
    header, readings = read(file)
    found = [reading for reading in readings if reading.source == "api"]
    assert header.profile == "mine" and found and all(reading.values for reading in found)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "for nobody else's eyes"
    assert run("test", str(file), "--profile", str(profile), "--expect", "down=ok").exit_code == 0
    again = run("record", str(file), "--for", "1s", "--profile", str(profile))
    assert (again.exit_code, "File exists" in again.stderr) == (2, True)


def test_a_server_that_is_not_there_is_recorded_as_its_fault(tmp_path: Path, profile: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        profile.write_text(PROFILE.format(url=f"http://127.0.0.1:{taken.getsockname()[1]}"))
        file = tmp_path / "new.jsonl"
        assert run("record", str(file), "--for", "300ms", "--profile", str(profile)).exit_code == 0
    assert [reading.source for reading in read(file)[1] if reading.source == "api"]
