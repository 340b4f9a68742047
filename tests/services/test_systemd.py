"""Units and timers, from an executable that answers as `systemctl show` does: systemd runs on no test machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import SourceError
from services.figures import exists, figure
from services.profile import SystemdSource
from services.readings import UnitsValues, Unknown
from services.sources.systemd import Systemd, whole
from services.sources.systemd_time import moment, span
from tests.clock import FakeClock
from tests.needs import needs

NOW = 1_800_000_000.0  # Fri 2027-01-15 08:00:00 UTC

WEB = """Id=app-web.service
Names=app-web.service web.service
Description=Web
LoadState=loaded
ActiveState=active
SubState=running
Result=success
NRestarts=3
MemoryCurrent=212000000
StateChangeTimestamp=Thu 2027-01-14 08:00:00 UTC
StateChangeTimestampMonotonic=60000000
"""
INTAKE = """Id=app-intake.service
Names=app-intake.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
Result=exit-code
NRestarts=14
MemoryCurrent=18446744073709551615
StateChangeTimestamp=Fri 2027-01-15 07:59:56 UTC
"""
MISSING = "Id=nginx.service\nNames=nginx.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n"
BACKUP = """Id=backup.timer
Names=backup.timer
LoadState=loaded
ActiveState=active
SubState=waiting
Result=success
Unit=dump.service
LastTriggerUSec=Fri 2027-01-15 02:00:00 UTC
NextElapseUSecRealtime=Sat 2027-01-16 02:00:00 UTC
NextElapseUSecMonotonic=infinity
"""
CLEAN = """Id=clean.timer
LoadState=loaded
ActiveState=active
SubState=waiting
Unit=clean.service
LastTriggerUSec=n/a
NextElapseUSecRealtime=
NextElapseUSecMonotonic=1d 2h 1min
StateChangeTimestamp=Thu 2027-01-14 08:00:00 UTC
StateChangeTimestampMonotonic=60000000
"""
ELAPSED = """Id=sync.timer
LoadState=loaded
ActiveState=active
SubState=elapsed
Unit=sync.service
LastTriggerUSec=Fri 2027-01-01 02:00:00 UTC
NextElapseUSecRealtime=
NextElapseUSecMonotonic=infinity
"""
DUMP = "Id=dump.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n"
CLEANED = "Id=clean.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nResult=success\n"


class Fake:
    """A systemctl on PATH, which tells what it is given and keeps how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exits(0)

    def tells(self, *blocks: str) -> None:
        (self.folder / "told").write_text("\n".join(blocks))

    def exits(self, code: int, complaint: str = "") -> None:
        script = f'#!/bin/sh\necho "TZ=$TZ $*" >> {self.folder}/calls\ncat {self.folder}/told\n'
        (self.folder / "systemctl").write_text(f"{script}echo '{complaint}' >&2\nexit {code}\n")
        (self.folder / "systemctl").chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    fake = Fake(tmp_path)
    fake.tells()
    return fake


def source(*units: str, **changes: object) -> Systemd:
    spec = SystemdSource(kind="systemd", units=units, **changes)  # type: ignore[arg-type]
    return Systemd("units", spec, FakeClock(NOW))


async def test_units_are_told_with_what_does_not_look_well_though_it_runs(systemctl: Fake) -> None:
    systemctl.tells(WEB, INTAKE, MISSING)
    values = await source("web", "app-intake", "nginx").fetch()
    web, intake, nginx = values.units
    assert (web.name, web.unit, web.active, web.restarts, web.memory) == ("app-web", "app-web.service", True, 3, 212e6)
    assert web.since == NOW - 86_400
    assert intake.restarting and not intake.active and isinstance(intake.memory, Unknown)
    assert nginx.load == "not-found" and isinstance(nginx.restarts, Unknown) and nginx.since is None
    assert (values.failed, values.down, values.restarting) == (1, 2, 1)
    assert values.unmatched == ()  # web is another name of app-web


async def test_rules_can_name_the_figures_of_each_unit(systemctl: Fake) -> None:
    systemctl.tells(WEB, BACKUP, DUMP)
    values = await source("app-web", "backup.timer").fetch()
    for path, told in (
        ("units.app-web.restarts", 3),
        ("units.app-web.active", 1),
        ("timers.backup.since_last_s", 6 * 3600.0),
        ("timers.backup.armed", 1),
        ("failed", 1),
    ):
        assert figure(values, path) == told and exists("systemd", path), path


async def test_timers_tell_when_they_ran_how_it_ended_and_whether_they_ever_will_again(systemctl: Fake) -> None:
    systemctl.tells(BACKUP, CLEAN, ELAPSED, DUMP, CLEANED)
    values = await source("backup.timer", "clean.timer", "sync.timer").fetch()
    backup, clean, sync = values.timers
    assert (backup.last, backup.next, backup.result) == (NOW - 6 * 3600, NOW + 18 * 3600, "exit-code")
    assert clean.last is None and isinstance(clean.since_last_s, Unknown) and clean.result == "success"
    # a day, two hours and a minute after the machine came up, which was a minute before yesterday, eight o'clock
    assert clean.next == NOW + 2 * 3600
    assert backup.armed and clean.armed and not sync.armed  # active all three
    assert (values.failed, values.down, values.units) == (1, 1, ())


async def test_a_time_in_a_zone_of_another_machine_is_not_guessed_at(systemctl: Fake) -> None:
    systemctl.tells(BACKUP.replace("02:00:00 UTC", "03:00:00 CET"))
    (backup,) = (await source("backup.timer").fetch()).timers
    assert backup.last is None and "TZ=UTC" in str(backup.since_last_s)


async def test_the_units_that_timers_start_are_asked_for_once_they_are_known_in_the_same_call(systemctl: Fake) -> None:
    systemctl.tells(BACKUP)
    units = source("backup.timer")
    await units.fetch()
    systemctl.tells(BACKUP, DUMP)
    await units.fetch()
    assert [call.endswith("-- backup.timer dump.service") for call in systemctl.calls] == [False, True, True]
    assert all(call.startswith("TZ=UTC show --no-pager --property=Id,") for call in systemctl.calls)


async def test_a_pattern_that_nothing_matches_is_said_and_is_no_unit_that_is_well(systemctl: Fake) -> None:
    systemctl.tells(WEB)
    values = await source("app-*", "report-*").fetch()
    assert [unit.name for unit in values.units] == ["app-web"] and values.unmatched == ("report-*.service",)


async def test_another_systemctl_is_asked_as_the_profile_says(systemctl: Fake) -> None:
    systemctl.tells(WEB)
    values = await source("app-web", systemctl=("env", "HOST=far", "systemctl", "--user")).fetch()
    assert values.about == "env HOST=far systemctl --user" and "--user show" in systemctl.calls[0]


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("System has not been booted with systemd as init system (PID 1).", "missing"),
        ("Failed to connect to bus: No medium found", "unreachable"),
        ("Failed to get properties: Access denied", "denied"),
        ("something new", "error"),
    ],
)
async def test_what_systemctl_cannot_do_is_a_fault_with_a_remedy(systemctl: Fake, complaint: str, kind: str) -> None:
    systemctl.exits(1, complaint)
    with pytest.raises(SourceError) as caught:
        await source("app-web").fetch()
    assert caught.value.kind == kind and complaint in caught.value.message and caught.value.remedy


async def test_one_that_hangs_is_ended_in_time(systemctl: Fake) -> None:
    (systemctl.folder / "systemctl").write_text("#!/bin/sh\nsleep 60\n")
    with pytest.raises(SourceError, match="no answer within"):
        await source("app-web", timeout=0.2).fetch()


async def test_the_real_systemctl_takes_our_options() -> None:
    program = needs("systemctl")
    try:
        assert isinstance(await source("app-*", systemctl=(program,)).fetch(), UnitsValues)
    except SourceError as fault:  # no systemd to be asked, which it finds out after it has read the options
        assert ("option" not in fault.message and "bus" in fault.message) or "booted" in fault.message


def test_times_are_read_as_systemctl_writes_them() -> None:
    assert moment("Fri 2027-01-15 08:00:00 UTC") == NOW == moment("2027-01-15 08:00:00.250 UTC")
    assert moment("n/a") is None and moment("") is None and moment("Fri 2027-01-15 09:00:00 CET") is None
    assert span("1w 2d 3h 4min 5.25s") == 788_645.25 and span("1min 30ms") == 60.03
    assert span("infinity") is None and span("") is None and span("0") is None
    assert whole("nginx") == "nginx.service" and whole("a.b") == "a.b.service" and whole("x.timer") == "x.timer"
