"""Every command as support, with a superuser's hands in the database and services that answer with a canary."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from click.testing import CliRunner

from tests.conftest import Database
from tests.restricted import CANARY, People, people_of
from tui.__main__ import COMMANDS, root

# What else of the profile's: an endpoint that fails in words of its own, and a question that the database takes ill.
_MORE = """
[sources.parts]
kind = "json"
url = "{url}/parts"
figures = {{ n = "n" }}

[sources.kinds]
kind = "sql"
database = "db"
role = "support"
value = "kind"
reads = {{ reaper_runs = ["error"] }}
query = "SELECT error::int AS kind FROM reaper_runs"
"""
NOBODYS = "00000000-0000-4000-8000-000000000000"
# Each with what it says to support, so that none is quiet because it did not run at all.
_SAID = {
    ("status",): "restricted",
    ("status", "--json"): '"about": "restricted"',
    ("check", "--look", "1s"): "unknown",
    ("doctor",): "restricted",
    ("profile", "check"): ": ok",
    ("profile", "show"): "Ask for an elevation",
    ("checklist", "list"): "daily",
    ("checklist", "show", "daily", "--json"): "steps",
    ("checklist", "runs"): "",
    ("audit", "tail"): "",
    ("audit", "export"): "",
    ("incident", "list"): "",
    ("records", "list"): "",
    ("roles", "--sql"): "watchdeck_support",
    ("notify",): "",
    (
        "read",
        "job-payload",
        "--set",
        "id=1",
        "--elevation",
        "00000000-0000-4000-8000-000000000000",
    ): "no such elevation",
    ("read", "job-payload", "--set", "id=x", "--elevation", "00000000-0000-4000-8000-000000000000"): "id",
}
_ELSEWHERE = {"act", "demo", "collect", "rules"}  # what an action says is below; what is collected is tested as a page


class Failing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500)
        self.end_headers()
        self.wfile.write(f'{CANARY} {{"n": "{CANARY}"'.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture(scope="module")
def people(mre_of_module: Database, tmp_path_factory: pytest.TempPathFactory) -> People:
    return people_of(mre_of_module, tmp_path_factory.mktemp("commands"))


@pytest.fixture(scope="module")
def profile(people: People) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Failing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    path = people.mine.folder / "commands.toml"
    text = people.blind.text.replace("${MRE_API:-http://127.0.0.1:3000}", url).replace("${MRE_S3:-}", url)
    path.write_text(text + _MORE.format(url=url))
    yield path
    server.shutdown()
    server.server_close()


def run(profile: Path, *words: str) -> str:
    """Everything that it printed."""
    if words[:1] == ("profile",):
        words = (*words, str(profile))
    ran = CliRunner().invoke(root, ["--profile", str(profile), *words])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), words
    return ran.output


def test_no_command_prints_support_a_restricted_value(profile: Path) -> None:
    said = {words: run(profile, *words) for words in _SAID}
    assert {words for words, text in said.items() if CANARY in text} == set()
    assert {words for words, text in said.items() if _SAID[words] not in text} == set()
    assert {words[0] for words in _SAID} | _ELSEWHERE == set(COMMANDS)  # no command is forgotten


def test_no_action_shows_support_a_restricted_value(people: People, profile: Path) -> None:
    """Each is previewed, or refused."""
    actions = json.loads(run(profile, "profile", "show", "--json"))["actions"]
    said = {name: run(profile, "act", name, "--dry-run", "--json") for name in actions}
    assert {name for name, text in said.items() if CANARY in text} == set()
    assert {name for name, text in said.items() if "needs the role" not in text} == {"elevate"}


def test_nothing_that_commands_keep_has_one(profile: Path) -> None:
    run(profile, "status")
    folder = Path(platformdirs.user_state_dir("watchdeck"))
    files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert {file for file, kept in files.items() if CANARY.encode() in kept} == set()
