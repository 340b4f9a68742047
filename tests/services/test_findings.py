"""What `doctor` and `status` tell of sources that have no place of their own in them."""

from __future__ import annotations

import json

import pytest

from services.alerts import Alerts
from services.clock import SystemClock
from services.findings import Word, of_reading
from services.profile import Profile, parse
from services.readings import Fault, NamedFigure, NamedValues, Unknown, Values
from services.status import report
from tests import samples_database as databases
from tests import samples_machine as machine
from tests.samples import reading
from tests.samples_reach import HEALTHY, TROUBLED
from tui.cli.status_text import lines

PROFILE = """
schema = 1
name = "shop"
title = "Shop"
[sources.backups]
kind = "bucket"
bucket = "backups"
[sources.minio]
kind = "minio"
url = "http://10.0.0.1:9000"
[sources.certificates]
kind = "tls"
addresses = ["api.example.org"]
[sources.ports]
kind = "tcp"
addresses = ["10.0.0.7:6379"]
[sources.cache]
kind = "redis"
[sources.df]
kind = "disk"
"""
NAMED = NamedValues(
    "df -k",
    (
        NamedFigure("used_share", 0.912, "share", (("mount", "/data"),)),
        NamedFigure("oldest", Unknown("failed", "no such folder"), "s"),
    ),
    ok=False,
    said="DISK WARNING",
)


def told(values: dict[str, Values]) -> list[str]:
    """The text of `status`, from its own JSON."""
    profile: Profile = parse(PROFILE, "shop.toml")
    found = report(profile, {name: reading(name, value) for name, value in values.items()}, Alerts(), SystemClock())
    return list(lines(json.loads(json.dumps(found))))


@pytest.mark.parametrize("values", [HEALTHY, TROUBLED])
def test_status_tells_every_source_in_80_columns(values: dict[str, Values]) -> None:
    text = told(values)
    assert all(len(line) <= 80 and line.isprintable() for line in text)
    for name in values:
        assert any(line.startswith(name) for line in text)


def test_status_tells_figures_by_name_and_the_unknown_by_a_question_mark() -> None:
    text = " ".join(line.strip() for line in told(TROUBLED))
    assert "cache     7.0.15, master, connect 1ms, ping 310ms, used memory 239M" in text
    assert "replicas 0, lag ?, lag bytes ?, memory share 98.0%" in text
    assert "encryption: not configured" in text and "wal: count 0, age ?" in text
    assert "leftovers 1000+" in text
    assert "files.example.org:443: certificate has expired, days left -2.1, trusted 0" in text
    assert "10.0.0.9:443   no answer" in text and "10.0.0.9:443: 10.0.0.9:443: connection refused" in text


def test_status_tells_figures_under_names_of_others_choosing() -> None:
    text = told({**HEALTHY, "df": NAMED})
    assert "df        df -k · DISK WARNING" in text
    assert "          used_share{mount=/data} 91.2%" in text and "          oldest ?" in text


def test_the_doctor_finds_what_is_wrong_and_nothing_where_all_is_well() -> None:
    for name, values in HEALTHY.items():
        assert [found.word for found in of_reading(reading(name, values))] == ["ok"]
    found = {
        name: [f"{f.word}: {f.message}" for f in of_reading(reading(name, values))] for name, values in TROUBLED.items()
    }
    assert "failed: nightly: nothing new below pg/ in time" in found["backups"]
    assert "failed: nightly: pg/2025-12-29.dump is smaller than usual" in found["backups"]
    assert any(line.startswith("failed: http://10.0.0.1:9000: the metrics hang") for line in found["minio"])
    assert "failed: files.example.org:443: its certificate is refused: certificate has expired" in found["certificates"]
    assert "failed: 10.0.0.9:443: connection refused" in found["certificates"]
    assert found["cache"][1:] == ["warning: unknown: lag_s, lag_bytes: failed: 0 of 1 replicas are connected"]
    assert [f.word for f in of_reading(reading("df", NAMED))] == ["ok", "failed", "warning"]


def test_units_and_logs_are_told_by_status_and_doctor() -> None:
    profile = parse(machine.PROFILE, "etl.toml")
    values = {name: value for name, value in machine.TROUBLED.items() if not isinstance(value, Fault)}
    read = {name: reading(name, value) for name, value in values.items()}
    found = json.loads(
        json.dumps(report(profile, {**read, "policy": reading("policy", None)}, Alerts(), SystemClock()))
    )
    text = [line.strip() for line in lines(found)]
    assert "units     systemctl, failed 3, down 4, restarting 1" in text
    assert "app-orchestrator: activating, restarts 14, memory 202M, active no," in text
    assert not any("worker ended" in line for line in text)  # the log itself is for who asks for JSON
    assert found["readings"]["journal"]["values"]["lines"][-1]["text"] == "worker ended by signal 9"
    units = [(each.word, each.message) for each in of_reading(read["units"])]
    assert ("failed", "nginx.service: not-found") in units
    assert ("failed", "clean.timer: active, elapsed: it will not run") in units
    assert ("warning", "no loaded unit is named app-report-*.service") in units
    assert [each.message for each in of_reading(read["proxy"])][1:] == ["error.log was rotated"]
    for name in ("units", "journal", "host"):
        assert [each.word for each in of_reading(reading(name, machine.HEALTHY[name]))] == ["ok"]  # type: ignore[arg-type]


def test_the_doctor_tells_of_a_database_what_no_figure_tells_by_itself() -> None:
    def words(values: Values) -> list[tuple[Word, str]]:
        return [(found.word, found.message) for found in of_reading(reading("db", values))][1:]

    for well in (databases.postgres(), databases.statements(), databases.tables(), databases.pools()):
        assert words(well) == []
    server = words(databases.postgres_troubled())
    assert ("failed", "archiving of WAL fails at 00000001000000A300000042") in server
    assert ("failed", "1 of its standbys do not stream from it") in server
    assert words(databases.statements_missing()) == [("warning", "what statements cost is not recorded")]
    assert words(databases.pools_troubled()) == [("warning", "1 of its databases are paused or disabled")]
    assert ("warning", "unknown: used_share: not permitted: the size of other databases is hidden") in words(
        databases.tables_troubled()
    )
