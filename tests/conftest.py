"""The real servers that tests run against, and a clean environment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import psycopg
import pytest

from services.demo.postgres import Cluster
from tests.demo import demo  # noqa: F401 - a fixture for everybody
from tests.needs import MISSING


def pytest_configure(config: pytest.Config) -> None:
    """Where Python may keep nothing that it compiled, the hundreds of processes of the tests share a folder for it.

    Each compiling everything anew would take a quarter of the run. The folder goes with it.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = folder = tempfile.mkdtemp(prefix="watchdeck-tests-compiled-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them, and nothing they write reaches that person."""
    for name in list(os.environ):
        if name.startswith(("TEXTUAL", "WATCHDECK", "MRE_", "PG", "AWS_")) or name in {"NO_COLOR", "COLORTERM"}:
            monkeypatch.delenv(name)
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-tests-"))
    server = Cluster(folder)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Database:
    cluster: Cluster
    name: str

    @property
    def dsn(self) -> str:
        return self.cluster.dsn(dbname=self.name)

    def execute(self, sql: str, *params: object) -> list[tuple[object, ...]]:
        """Runs one statement by hand, as a superuser; rows if it returned any."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql, params or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def mre_template(cluster: Cluster) -> str:
    """A database with MRE's tables and indexes, empty, to copy from."""
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE mre_template")
    tables = resources.files("services.demo.mre")
    with psycopg.connect(cluster.dsn(dbname="mre_template"), autocommit=True) as connection:
        for file in ("schema.sql", "retention.sql", "indexes.sql"):
            connection.execute((tables / file).read_text())
    return "mre_template"


@pytest.fixture
def mre(cluster: Cluster, mre_template: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty MRE database of the test's own."""
    yield from _copied(cluster, mre_template, request.node.nodeid)


@pytest.fixture(scope="module")
def mre_of_module(cluster: Cluster, mre_template: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """One for all tests of a file, where making one for each would take longer than the tests."""
    yield from _copied(cluster, mre_template, request.node.nodeid)


def _copied(cluster: Cluster, mre_template: str, whose: str) -> Iterator[Database]:
    name = f"mre_{abs(hash(whose)) % 10**10}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {mre_template}")
    yield Database(cluster, name)
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """No skip goes unseen: how many tests could not run on this machine, and for want of what."""
    lacking = Counter(
        report.longrepr[2].partition(MISSING)[2]
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]
    )
    for program, count in sorted(lacking.items()):
        terminalreporter.write_line(f"not run: {count} tests that need {program}")
