"""Rules over a machine's figures: what the source's table does not have is told, and what it reports is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.clock import SystemClock
from services.lint import check
from services.lint.machine import OF_COMMAND, OF_DISK, OF_FILES, OF_HOST, OF_PROCESSES
from services.profile import CommandSource, DiskSource, FilesSource, HostSource, parse
from services.readings import NamedValues
from services.sources.command import Command
from services.sources.disk import Disk
from services.sources.files import Files
from services.sources.host import Host
from tests import samples_machine

SOURCES = f"""{samples_machine.PROFILE}
[sources.host.processes]
web = "gunicorn"
[sources.bench.figures.p95_s]
pattern = "p95 (\\\\d+)"
"""


def problems(source: str, figure: str) -> list[str]:
    rule = f'\n[rules.x]\ntitle = "X"\nsource = "{source}"\nfigure = "{figure}"\nvalue = 0.5\n'
    return check(parse(SOURCES + rule, "etl.toml"))


@pytest.mark.parametrize(
    ("source", "figure", "said"),
    [
        ("units", "units.app_web.restarts", "no service of the name 'app_web'; there are app-*, postgresql"),
        ("units", "timers.nightly.armed", "no timer of the name 'nightly'"),
        ("disk", "figures.used_share", "write {*} behind it, or {mount=/}"),
        ("disk", "figures.used_share{mount=/data}", "no mount '/data'; there are /, /var/lib/postgresql"),
        ("disk", "figures.usage{*}", "no figure 'usage'"),
        ("host", "figures.cpu", "no figure 'cpu'; there are cpu_share"),
        ("host", "figures.rss_bytes{name=db}", "no name 'db'; there are web"),
        ("dumps", "figures.age", "no figure 'age'"),
        ("bench", "figures.p99_s", "no figure 'p99_s'; there are exit_code, took_s, p95_s"),
    ],
)
def test_a_rule_over_what_is_never_reported_is_told(source: str, figure: str, said: str) -> None:
    (problem,) = problems(source, figure)
    assert problem.startswith("[rules.x] figure: ") and said in problem


@pytest.mark.parametrize(
    ("source", "figure"),
    [
        *(("units", each) for each in ("down", "units.app-web.restarts", "units.*.restarting", "timers.backup.armed")),
        *(("disk", each) for each in ("figures.used_share{*}", "figures.free_bytes{mount=/}")),
        *(("host", each) for each in ("figures.load_per_cpu", "figures.rss_bytes{name=web}", "figures.processes{*}")),
        *(("bench", each) for each in ("figures.exit_code", "figures.p95_s")),
        ("dumps", "figures.newest_age_s"),
    ],
)
def test_a_rule_over_what_is_reported_is_let_be(source: str, figure: str) -> None:
    assert problems(source, figure) == []


async def test_what_the_sources_report_is_what_rules_are_held_against(tmp_path: Path) -> None:
    def names(values: NamedValues) -> set[str]:
        return {figure.name for figure in values.figures}

    clock = SystemClock()
    host = await Host("h", HostSource(kind="host", processes={"us": "python"}), clock).fetch()
    assert names(host) == {*OF_HOST, *OF_PROCESSES}
    assert names(await Disk("d", DiskSource(kind="disk", mounts=(str(tmp_path),))).fetch()) == {*OF_DISK}
    files = FilesSource(kind="files", glob=str(tmp_path / "*"))
    assert names(await Files("f", files, clock).fetch()) == {*OF_FILES}
    (tmp_path / "one").touch()
    assert names(await Files("f", files, clock).fetch()) == {*OF_FILES}
    assert names(await Command("c", CommandSource(kind="command", argv=("true",))).fetch()) == {*OF_COMMAND}
