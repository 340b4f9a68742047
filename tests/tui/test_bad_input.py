"""Profiles and backends that are wrong in every way at once: each is named with its remedy, and all others live."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from services.clock import SystemClock
from services.profile import load
from services.sources import build
from tests.conftest import Database
from tests.tui.test_console import text, until
from tui.__main__ import root
from tui.app import Options, Watchdeck

HOSTILE = "\x1b[31mred\x1b]52;c;cm0=\x07\x9b31m \u202eRTL [/nope] [@click=app.quit]x[/]\nsecond\rline"
SMALL = 'schema = 1\nname = "x"\ntitle = "X"\n[sources.db]\nkind = "postgres"\ndsn = "dbname=x"\n'


def run(*args: str) -> Result:
    return CliRunner().invoke(root, args, catch_exceptions=False)


# ---- the profile


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SMALL.replace("schema = 1", "schema = 1 [["), "not valid TOML"),
        (SMALL.replace("kind", 'colour = "red"\nkind'), "[sources.db] colour: unknown key"),
        (SMALL.replace('"dbname=x"', "7"), "[sources.db] dsn: "),
        (SMALL + '[sources.db]\nkind = "postgres"\n', "('sources', 'db') twice"),
        (SMALL + '[sources.q]\nkind = "queue"\ndatabase = "db"\npreset = "no"\n', "sources.q.preset"),
        (SMALL + '[sources."\\u001b[31m"]\nkind = "postgres"\ndsn = ""\n', "[sources.\\x1b[31m]"),
        ("\udcff", "cannot be read"),
    ],
)
@pytest.mark.parametrize("command", [("profile", "check"), ("status", "--json"), ("doctor",), ()])
def test_every_command_names_the_file_and_the_key(
    command: tuple[str, ...], content: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, errors="surrogateescape")
    result = run("--profile", str(path), *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"watchdeck: {path}: " in result.stderr and said in result.stderr
    assert "\x1b" not in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [("profile", "check"), ("status", "--json"), ("doctor",), ()])
def test_a_profile_that_is_not_there_is_bad_usage(command: tuple[str, ...], tmp_path: Path) -> None:
    result = run("--profile", str(tmp_path / "gone.toml"), *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "gone.toml: no such profile file" in result.stderr and "->" in result.stderr


# ---- the backends


class Bad(BaseHTTPRequestHandler):
    """Endpoints and buckets by the first word of their path."""

    def do_GET(self) -> None:
        word = self.path.strip("/").split("/")[0].split("?")[0]
        if word == "hang":
            threading.Event().wait(5)
        elif word == "redirect":
            self._say(302, b"", location="http://elsewhere/")
        elif word == "nowhere":
            self._say(302, b"", location="http://\x1b[31m/")
        elif word == "flood":
            self._flood()
        elif word in ("forbidden", "absent"):
            code = "AccessDenied" if word == "forbidden" else "NoSuchBucket"
            self._say(403 if word == "forbidden" else 404, f"<Error><Code>{code}</Code></Error>".encode())
        elif word == "truncated":
            self._say(200, b"<?xml", length=500)
        else:
            self._say(500 if word == "hostile" else 200, HOSTILE.encode())

    do_HEAD = do_GET

    def _flood(self) -> None:
        self._say(200, b"", length=1 << 30)
        with suppress(OSError):
            for _ in range(1 << 10):
                self.wfile.write(b"x" * (1 << 20))

    def _say(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def bad() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def stranger(mre: Database, tmp_path: Path) -> Iterator[str]:
    """The dsn of one who may connect, and nothing else; a schema of the console's own is closed to it."""
    name = f"{mre.name}_stranger"
    passfile = tmp_path / "pgpass"
    passfile.write_text("*:*:*:*:told\n")
    passfile.chmod(0o600)
    mre.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'told'")
    mre.execute("CREATE SCHEMA watchdeck")
    mre.execute("CREATE TABLE watchdeck.ledger ()")
    yield f"{mre.dsn} user={name} passfile={passfile}"
    with psycopg.connect(mre.dsn, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def postgres(name: str, dsn: str) -> str:
    return f'[sources.{name}]\nkind = "postgres"\ndsn = "{dsn}"\n'


def queue(name: str, database: str, **columns: str) -> str:
    mapping = "".join(f'[sources.{name}.mapping.columns]\n{key} = "{value}"\n' for key, value in columns.items())
    return f'[sources.{name}]\nkind = "queue"\ndatabase = "{database}"\npreset = "mre"\n{mapping}'


@pytest.fixture
def path(mre: Database, bad: str, stranger: str, tmp_path: Path) -> str:
    """The good ones first: a console shows the first of a kind in the overview."""
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    credentials.chmod(0o600)
    wrong = tmp_path / "wrong"
    wrong.write_text("*:*:*:*:guessed\n")
    wrong.chmod(0o600)
    parts = ['schema = 1\nname = "bad"\ntitle = "Bad"\nenvironment = { name = "test" }\n']
    parts += [postgres("db", mre.dsn), queue("jobs", "db")]
    parts += [f'[sources.{kind}]\nkind = "{kind}"\nqueue = "jobs"\n' for kind in ("flags", "runs", "reaper")]
    parts += [f'[sources.api]\nkind = "http"\nurl = "{bad}"\npaths = ["/fine"]\n']
    parts += [
        postgres("refused", "host=127.0.0.1 port=1 dbname=x user=x"),
        postgres("nobase", mre.dsn.replace(f"dbname={mre.name}", "dbname=nobase")),
        postgres("stranger", stranger),
        postgres("wrong", stranger.replace(str(tmp_path / "pgpass"), str(wrong))),
        postgres("empty", mre.dsn.replace(f"dbname={mre.name}", "dbname=template1")),
        queue("no-server", "refused"),
        queue("no-table", "empty"),
        queue("no-column", "db", locked_by="j.lockd_by"),
        queue("no-right", "stranger"),
    ]
    for word in ("hang", "redirect", "nowhere", "flood", "hostile"):
        timeout = "1s" if word == "hang" else "4s"  # the others shall have time to say what is wrong with them
        parts.append(f'[sources.{word}]\nkind = "http"\nurl = "{bad}"\npaths = ["/{word}"]\ntimeout = "{timeout}"\n')
    for word in ("forbidden", "absent", "truncated"):
        where = f'bucket = "{word}"\nendpoint = "{bad}"\ncredentials_file = "{credentials}"\ncanary = "k"\n'
        parts.append(f'[sources.s3-{word}]\nkind = "s3"\n{where}')
    file = tmp_path / "bad.toml"
    file.write_text("".join(parts))
    return str(file)


GOOD = {"db", "jobs", "flags", "runs", "reaper", "api", "audit", "stranger", "empty"}
SAID = {
    "refused": ("connection refused", "is the server running"),
    "nobase": ('database "nobase" does not exist', "check dbname in the dsn"),
    "wrong": ("was refused", "put the right one into ~/.pgpass"),
    "no-server": ("connection refused", "is the server running"),
    "no-table": ("source.table", "[sources.no-table.mapping.source]"),
    "no-column": ("columns.locked_by", "[sources.no-column.mapping.columns]"),
    "no-right": ("permission denied for table jobs", "GRANT SELECT ON jobs TO"),
    "hang": ("no complete answer within 1 s", "a slow one needs a longer `timeout`"),
    "redirect": ("a redirect to http://elsewhere/; it was not followed", "put the final address into `url`"),
    "nowhere": ("a redirect to what is no address", "put the final address into `url`"),
    "flood": ("longer than 262,144 bytes", "check `paths`"),
    "s3-forbidden": ("403", "grant s3:ListBucket"),
    "s3-absent": ("there is no such bucket", "check `bucket`"),
    "s3-truncated": ("bucket truncated: listing objects", "see the store's own health"),
}


def test_every_bad_source_is_named_with_its_remedy_and_the_others_live(path: str) -> None:
    assert run("profile", "check", path).exit_code == 0
    result = run("--profile", path, "status", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert {name: found["readings"][name]["error"] for name in GOOD if found["readings"][name]["error"]} == {}
    assert found["queues"]["jobs"]["total"]["waiting"] == 0
    for name, (message, remedy) in SAID.items():
        told = json.dumps(found["readings"][name], ensure_ascii=False).replace('\\"', '"')
        assert message in told and remedy in told, (name, told)
    hostile = found["health"]["hostile"]["checks"][0]
    assert hostile["ok"] is False and hostile["body"].isprintable() and "[/nope]" in hostile["body"]
    shown = run("--profile", path, "status")
    assert shown.exit_code == 0
    assert all(len(line) <= 80 and line.isprintable() for line in shown.stdout.splitlines())


def test_the_doctor_fails_with_a_remedy_for_each(path: str) -> None:
    result = run("--profile", path, "doctor", "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    findings = json.loads(result.stdout)
    failed = {f["what"] for f in findings if f["word"] == "failed"}
    # a store that cuts its answers short is reached all the same: what could not be read is unknown, with a warning
    assert failed == {f"source {name}" for name in (*SAID, "hostile")} - {"source s3-truncated"}
    assert any(f["what"] == "source s3-truncated" and f["word"] == "warning" for f in findings)
    for finding in findings:
        if finding["word"] == "failed" and "endpoints healthy" not in finding["message"]:
            assert finding["remedy"], finding


async def test_the_console_lives_beside_them_and_shows_hostile_rows_as_they_are(path: str, mre: Database) -> None:
    big = f"{HOSTILE}{'x' * 1_000_000}"
    mre.execute(
        """INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, locked_at, locked_by, last_error_code,
                             last_error_message)
           VALUES (1, 1, %s, 'running', 1, now() - interval '1 day', %s, %s, %s)""",
        *(HOSTILE, HOSTILE, HOSTILE, big),
    )
    mre.execute("INSERT INTO feature_flags (name, enabled, reason) VALUES (%s, false, %s)", HOSTILE, big)
    mre.execute("INSERT INTO reaper_runs (kind, error, actor) VALUES (%s, %s, %s)", HOSTILE, big, HOSTILE)
    app = Watchdeck(load(Path(path)), Options(), {}, clock=SystemClock(), build=build)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "● up   /fine" in text(app), "readings on the overview")
        for key, shown in (("2", "\\x1b[31mred"), ("3", "\\x1b[31mred"), ("4", "\\x1b[31mred"), ("7", "endpoint")):
            await pilot.press(key)
            await until(pilot, lambda shown=shown: shown in text(app), f"{shown} in view {key}")
            assert all(char.isprintable() or char == "\n" for char in text(app))
        await pilot.press("3", "enter")
        await until(pilot, lambda: "priority" in text(app), "the job")
        assert all(char.isprintable() or char == "\n" for char in text(app))
        assert app.is_running and app.crash is None


def test_without_a_terminal_the_console_says_what_works_without_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL)
    console = [sys.executable, "-m", "tui", "--profile", str(path)]
    result = subprocess.run(console, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("watchdeck: the console needs a terminal\n  -> `watchdeck status`")
