"""`watchdeck status`: the JSON contract, one total deadline, and text that fits 80 columns."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import Database
from tui.__main__ import root

FIGURES = (
    *("waiting", "scheduled", "running", "retry_wait", "failed", "succeeded", "oldest_wait_s", "wait_p50_s"),
    *("wait_p95_s", "duration_p50_s", "duration_p95_s", "failure_rate", "retry_rate"),
)


@pytest.fixture
def hole() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def profile(tmp_path: Path, dsn: str, hole: str, extra: str = "") -> str:
    path = tmp_path / "watchdeck.toml"
    path.write_text(f"""
        schema = 1
        name = "mine"
        title = "Mine"
        environment = {{ name = "test" }}
        [sources.api]
        kind = "http"
        url = "{hole}"
        paths = ["/a"]
        timeout = "600ms"
        [sources.db]
        kind = "postgres"
        dsn = "{dsn}"
        [sources.jobs]
        kind = "queue"
        database = "db"
        preset = "mre"
        types = ["fuse", "parse_raw"]
        [sources.flags]
        kind = "flags"
        queue = "jobs"
        [sources.runs]
        kind = "runs"
        queue = "jobs"
        [sources.storage]
        kind = "s3"
        bucket = "b"
        endpoint = "{hole}"
        timeout = "600ms"
        [rules.stale]
        title = "Stale locks"
        source = "jobs"
        figure = "stale_count"
        value = 0
        [actions.release]
        title = "Release"
        effect = "rows"
        queue = "jobs"
        do = "release"
        select = "stale"
        {extra}""")
    return str(path)


def run(path: str, *args: str, code: int = 0) -> str:
    result = CliRunner().invoke(root, ["--profile", path, *args], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def status(path: str, *args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(path, "status", "--json", *args))
    return found


def fill(mre: Database) -> None:
    mre.execute("""INSERT INTO jobs (run_id, owner_user_id, type, state) SELECT 1, 1, 'fuse', 'queued'
                     FROM generate_series(1, 3)""")
    mre.execute("""INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, locked_at, locked_by)
                   VALUES (1, 1, 'fuse', 'running', 1, now() - interval '1 day', E'w\\x1b[31m')""")
    mre.execute("INSERT INTO feature_flags (name, enabled, changed_by) VALUES ('jobs.parse_raw', false, 'ada')")


def test_the_figures_equal_the_tables_while_other_backends_hang(mre: Database, tmp_path: Path, hole: str) -> None:
    fill(mre)
    started = time.monotonic()
    found = status(profile(tmp_path, mre.dsn, hole))
    assert time.monotonic() - started < 8
    assert (found["schema"], found["profile"], found["environment"]) == (1, "mine", "test")
    types = found["queues"]["jobs"]["types"]
    assert (types["fuse"]["waiting"], types["fuse"]["running"], types["fuse"]["paused"]) == (3, 1, False)
    assert types["parse_raw"]["paused"] is True
    assert types["fuse"]["wait_p95_s"] is None and types["fuse"]["unknown"]["wait_p95_s"].startswith("no data yet")
    (stale,) = found["queues"]["jobs"]["stale_locks"]
    assert stale["dead"] and stale["locked_by"] == "w\\x1b[31m"
    alerts = {alert["rule"]: (alert["state"], alert["value"]) for alert in found["alerts"]}
    assert alerts == {"stale": ("firing", 1), "silent-api": ("pending", None), "silent-storage": ("pending", None)}
    assert found["readings"]["api"]["error"]["kind"] == "timeout"
    assert found["readings"]["api"]["values"] is None
    assert found["health"]["api"]["error"]["remedy"] and found["storage"]["storage"]["error"]
    assert found["readings"]["jobs"]["age_s"] >= 0


def test_every_key_is_there_when_nothing_answers(tmp_path: Path, hole: str) -> None:
    dsn = f"host=127.0.0.1 port={hole.rpartition(':')[2]} dbname=x user=x"
    started = time.monotonic()
    found = status(profile(tmp_path, dsn, hole), "--timeout", "1")
    assert time.monotonic() - started < 4
    for row in (*found["queues"]["jobs"]["types"].values(), found["queues"]["jobs"]["total"]):
        assert {key: row[key] for key in FIGURES} == dict.fromkeys(FIGURES)
        assert all(row["unknown"][key].startswith("failed") for key in FIGURES)
    assert found["queues"]["jobs"]["types"]["fuse"]["paused"] is None
    assert found["queues"]["jobs"]["stale_locks"] is None
    states = {alert["rule"]: alert["state"] for alert in found["alerts"]}
    assert states.pop("stale") == "unknown"
    assert states == {f"silent-{name}": "pending" for name, read in found["readings"].items() if read["error"]}
    assert max(reading["took_s"] for reading in found["readings"].values()) < 1.5
    assert all(reading["error"] for name, reading in found["readings"].items() if name != "audit")


def test_the_text_is_safe_and_fits_80_columns(mre: Database, tmp_path: Path, hole: str) -> None:
    fill(mre)
    text = run(profile(tmp_path, mre.dsn, hole), "status")
    assert all(len(line) <= 80 and line.isprintable() for line in text.splitlines())
    assert "FIRING" in text and "Stale locks: 1 (> 0)" in text
    assert "paused    parse_raw" in text
    assert "FAILED  api: " in text and "-> " in text


def test_the_doctor_names_what_failed_and_what_to_do(mre: Database, tmp_path: Path, hole: str) -> None:
    path = profile(tmp_path, mre.dsn, hole)
    found = {(f["what"], f["word"]): f for f in json.loads(run(path, "doctor", "--json", code=1))}
    assert ("source db", "ok") in found and ("source jobs", "ok") in found
    assert found["source api", "failed"]["remedy"]
    assert "no ledger" in found["source db", "warning"]["message"]
    assert found["action release", "warning"]["remedy"]  # a viewer may not
    text = run(path, "doctor", code=1)
    assert "failed   source storage: " in text


def test_the_doctor_says_which_function_is_missing(mre: Database, tmp_path: Path, hole: str) -> None:
    roles = '[roles]\n        default = "admin"'
    path = profile(tmp_path, mre.dsn, hole, roles)
    found = {f["what"]: f for f in json.loads(run(path, "doctor", "--json", code=1))}
    assert "no ledger" in found["action release"]["message"]
    sql = run(path, "roles", "--sql")
    try:
        mre.execute(sql)
        granted = {f["what"]: f for f in json.loads(run(path, "doctor", "--json", code=1))}
        assert granted["action release"]["word"] == "ok"
        mre.execute('DROP FUNCTION watchdeck."release" CASCADE')
        dropped = {f["what"]: f for f in json.loads(run(path, "doctor", "--json", code=1))}
        assert "has no function for it" in dropped["action release"]["message"]
    finally:
        mre.execute("DROP SCHEMA IF EXISTS watchdeck CASCADE")


def test_profiles_are_listed_shown_and_checked(tmp_path: Path, hole: str) -> None:
    listed = [line.split()[0] for line in run("mre", "profile", "list").splitlines()]
    assert listed == ["analytics-etl", "ingest-api", "jobsheet-qa", "mre", "treazr-island"]
    shown = json.loads(run("mre", "profile", "show", "mre", "--json"))
    assert {"release-stale-locks", "requeue-jobs"} <= shown["actions"].keys()
    assert all(
        isinstance(shown[key], dict)
        for key in ("rules", "actions", "checks", "checklists", "playbooks", "records", "views", "tools", "sources")
    )
    assert "release-stale-locks" in run("mre", "profile", "show", "mre")
    assert run("mre", "profile", "check").rstrip().endswith(": ok")
    broken = tmp_path / "broken.toml"
    broken.write_text(Path(profile(tmp_path, "dbname=x", hole)).read_text().replace("stale_count", "stall_count"))
    result = CliRunner().invoke(root, ["profile", "check", str(broken)])
    assert result.exit_code == 2
    assert str(broken) in result.stderr and "[rules.stale] figure" in result.stderr


def test_secrets_in_headers_are_not_shown(tmp_path: Path, hole: str) -> None:
    secret = '[sources.api.headers]\n        authorization = "Bearer hunter2"'
    path = profile(tmp_path, "dbname=x", hole, secret)
    assert "hunter2" not in run(path, "profile", "show", path, "--json")


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://ana:hunter2@db/x?sslmode=require", "host=db password='hunter2 \\\\'s' user=ana", "password=hunter2"],
)
def test_secrets_in_addresses_are_not_shown(tmp_path: Path, hole: str, dsn: str) -> None:
    source = '[sources.pages]\nkind = "prometheus"\nurl = "https://ana:hunter2@x/metrics?token=hunter2"'
    path = profile(tmp_path, dsn, hole, source)
    shown = run(path, "profile", "show", path, "--json")
    assert "hunter2" not in shown and json.loads(shown)["sources"]["pages"]["url"].startswith("https://ana:(not shown)")


def test_without_a_profile_the_command_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(root, ["status"])
    assert result.exit_code == 2 and "watchdeck demo" in result.stderr
