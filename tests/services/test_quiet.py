"""Silences and maintenance windows: what they are about, and what is no such thing."""

from __future__ import annotations

import pytest

from services.alerts import Alert
from services.errors import ConfigError
from services.lint import check
from services.profile.maintenance import Maintenance
from services.silence import Silence
from services.watching.quiet import Quiet, silenced
from tests.watching import WALL, profile

ALERT = Alert(
    "failures", "Failures", "firing", 1, "> 0", WALL, "SEV2", source="jobs", labels=(("type", "fuse"),), level="page"
)


def quiet(*silences: Silence, **maintenance: Maintenance) -> Quiet:
    return Quiet({silence.id: silence for silence in silences}, maintenance)


def silence(id_: str = "1", until: float | None = None, **match: str) -> Silence:
    return Silence(id_, tuple(match.items()), WALL - 60, until, "ana")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"rule": "failures"}, True),
        ({"key": "failures{type=fuse}"}, True),
        ({"source": "jobs", "type": "fuse"}, True),
        ({"source": "jobs", "type": "parse"}, False),
        ({"severity": "~SEV[12]", "level": "page"}, True),
        ({"severity": "!SEV2"}, False),
        ({"rule": "fail"}, False),
        ({"colour": "red"}, False),
    ],
)
def test_it_is_about_alerts_that_fulfil_every_condition(match: dict[str, str], fits: bool) -> None:
    assert (silenced(ALERT, quiet(silence(**match)).now(WALL)) is not None) == fits


def test_a_label_does_not_take_the_place_of_a_field() -> None:
    alert = Alert("r", "R", "firing", 1, "> 0", WALL, labels=(("rule", "failures"),))
    assert silenced(alert, quiet(silence(rule="failures")).now(WALL)) is None


def test_of_several_the_one_that_lasts_longest_is_told() -> None:
    short, long, open_ = (silence(n, end, source="jobs") for n, end in (("1", WALL + 5), ("2", WALL + 50), ("3", None)))
    for laid, found in (((short, long), "silence 2 by ana"), ((open_, long), "silence 3 by ana")):
        said = silenced(ALERT, quiet(*laid).now(WALL))
        assert said and said.by == found
    assert silenced(ALERT, quiet(short).now(WALL + 5)) is None


def test_each_time_of_a_maintenance_has_a_name_of_its_own() -> None:
    """It is a Tuesday, 22:13."""
    of = quiet(patch=Maintenance(title="Patches", days=(2,), hours="22:00-23:00", match={"source": "jobs"}))
    first, second = silenced(ALERT, of.now(WALL)), silenced(ALERT, of.now(WALL + 7 * 86_400))
    assert first and second
    assert first.by == second.by == "maintenance patch"
    assert first.spell == "maintenance patch of 2023-11-14 22:00 UTC" != second.spell


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('tz = "Mars/Olympus"', "no time zone 'Mars/Olympus'"),
        ("days = [0]", "0 is none"),
        ("days = []", "days"),
        ('hours = "9"', "is not like"),
        ('match = { rule = "~(" }', "no pattern"),
        ('every = "week"', "every"),
    ],
)
def test_a_table_that_means_nothing_is_refused_by_name(line: str, said: str) -> None:
    hours = "" if line.startswith("hours") else 'hours = "22:00-02:00"'
    with pytest.raises(ConfigError) as refused:
        profile(f'[maintenance.patch]\ntitle = "x"\n{hours}\n{line}')
    assert "maintenance.patch" in str(refused.value) and said in str(refused.value)


def test_the_lint_tells_of_conditions_on_what_is_not_there_and_of_addresses_that_are_none() -> None:
    found = check(
        profile(
            '[maintenance.patch]\ntitle = "x"\nhours = "22:00-23:00"',
            'match = { rule = "slow", source = "~b.*", severity = "SEV9", type = "fuse" }',
            '[references]\ntcp = ["1.1.1.1:443", "example.org", "[::1]:0"]',
        )
    )
    assert [line for line in found if "maintenance" in line or "references" in line] == [
        "[maintenance.patch] match.rule: there is no rule 'slow' in this profile",
        "[maintenance.patch] match.severity: there is no severity 'SEV9' in this profile",
        "[references] tcp: 'example.org' is not like \"1.1.1.1:443\"",
        "[references] tcp: '[::1]:0' is not like \"1.1.1.1:443\"",
    ]
