"""Incidents and other records on the command line: listed, shown, noted and handed on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.profile import load
from services.records.store import Records
from tests.services.test_incident_export import RECORD
from tests.services.test_records import TABLES
from tests.watching import HEAD
from tui.__main__ import root

OPENED = 1_700_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "mine.toml"
    made.write_text(HEAD + RECORD + TABLES)
    return made


def run(path: Path, *args: str) -> Result:
    return CliRunner().invoke(root, ["--profile", str(path), *args], catch_exceptions=False)


def test_incidents_are_listed_shown_noted_and_exported(path: Path) -> None:
    assert run(path, "incident", "list").stdout == ""
    records = Records.of(load(path))
    old = records.open("incident", "incident", "old", "ana", OPENED, severity="SEV2")
    records.append(old, "turned", "ana", OPENED + 60, {"state": "resolved"})
    new = records.open("incident", "incident", "the api \x1b[2J is down", "ana", OPENED, severity="SEV1")
    lines = run(path, "incident", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [new, old]
    assert "OVERDUE: acknowledge, update" in lines[0] and "\\x1b[2J" in lines[0] and "OVERDUE" not in lines[1]
    told = [json.loads(line) for line in run(path, "incident", "list", "--json").stdout.splitlines()]
    assert [(one["id"], one["state"], one["overdue"]) for one in told] == [
        (new, "open", ["acknowledge", "update"]),
        (old, "resolved", []),
    ]
    assert run(path, "incident", "note", new, "disk 3\nis replaced").stdout == f"noted in {new}\n"
    shown = run(path, "incident", "show", new).stdout
    assert "lacks root cause: it is not written" in shown and "note: disk 3 / is replaced" in shown
    assert run(path, "incident", "export", new).stdout.startswith("# Incident: the api ")
    plain = json.loads(run(path, "incident", "export", new, "--json").stdout)
    assert (plain["state"], plain["timers"][0]["standing"], len(plain["notes"])) == ("open", "overdue", 1)


def test_what_is_not_there_and_what_may_not_be_is_refused(path: Path) -> None:
    for args in (("show", "x"), ("export", "incident-000000"), ("note", "form-1", "x")):
        result = run(path, "incident", *args)
        assert (result.exit_code, result.stdout) == (1, "") and "no incident" in result.stderr
    id_ = Records.of(load(path)).open("incident", "incident", "x", "ana", OPENED)
    assert run(path, "incident", "note", id_, "  ").exit_code == 1
    assert "read-only" in run(path, "--read-only", "incident", "note", id_, "x").stderr
    assert len(Records.of(load(path)).events(id_)) == 1


def test_other_records_are_listed_and_exported(path: Path) -> None:
    records = Records.of(load(path))
    form = records.open("form", "launch", "parsers", "ana", OPENED)
    window = records.open("window", "work", "disks", "ana", OPENED, until=OPENED + 60)
    first, second = run(path, "records", "list").stdout.splitlines()
    assert first.startswith(window) and "NOT CLOSED" in first and second.startswith(form)
    told = [json.loads(line) for line in run(path, "records", "list", "--json").stdout.splitlines()]
    assert [one["kind"] for one in told] == ["window", "form"]
    assert run(path, "records", "export", form).stdout.startswith("# parsers")
    assert run(path, "records", "export", "form-x").exit_code == 1
