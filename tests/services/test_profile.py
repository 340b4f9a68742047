"""Profiles: what is wrong with one is told by file, table and key, and no secret of it is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import ConfigError
from services.profile import find, load, mapping_of, parse, shipped

SMALL = """
schema = 1
name = "shop"
title = "Shop"
[environment]
name = "${SHOP_ENV:-staging}"
[sources.db]
kind = "postgres"
dsn = "${SHOP_DSN:-dbname=shop}"
[sources.jobs]
kind = "queue"
database = "db"
preset = "mre"
"""


def problem(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "shop.toml")
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_profile_loads_with_its_mappings(name: str) -> None:
    path = find(name)
    assert path is not None
    profile = load(path)
    assert profile.name == name
    for source, spec in profile.of_kind("queue").items():
        assert mapping_of(spec, source).source.table


@pytest.mark.parametrize(
    "change,said",
    [
        (('kind = "queue"', 'kind = "queue"\ncolour = 1'), "shop.toml: [sources.jobs] colour: unknown key"),
        (('preset = "mre"', 'preset = "mre"\ninterval = "soon"'), "shop.toml: [sources.jobs] interval: "),
        (('title = "Shop"', "title = 7"), "shop.toml: title: Input should be a valid string"),
        (('title = "Shop"', ""), "shop.toml: title: is required"),
        (('database = "db"', 'database = "bd"'), "sources.jobs.database: no postgres source is named 'bd'"),
        (('preset = "mre"', ""), "a queue needs `preset`"),
        (('kind = "queue"', 'kind = "cue"'), "[sources] jobs"),
        (("schema = 1", "schema = 2"), "shop.toml: schema"),
        (("[sources.db]", '[sources.db]\nkind = "postgres"\n[sources.db]'), "not valid TOML"),
        (('title = "Shop"', 'title = "${HOME}"'), "title: ${...} is allowed in addresses, headers and commands only"),
        (("${SHOP_DSN:-dbname=shop}", "${SHOP_DSN}"), "sources.db.dsn: the environment variable SHOP_DSN is not set"),
    ],
)
def test_what_is_wrong_is_told_by_table_and_key(change: tuple[str, str], said: str) -> None:
    assert change[0] in SMALL
    assert said in problem(SMALL.replace(*change, 1))


def test_a_wrong_value_is_not_repeated() -> None:
    text = SMALL.replace('dsn = "${SHOP_DSN:-dbname=shop}"', 'dsn = ["password=hunter2"]')
    assert "hunter2" not in problem(text)


def test_addresses_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DSN", "service=shop")
    monkeypatch.setenv("SHOP_ENV", "production")
    profile = parse(SMALL, "shop.toml")
    assert profile.sources["db"].dsn == "service=shop"  # type: ignore[union-attr]
    assert profile.environment.is_production
    monkeypatch.delenv("SHOP_ENV")
    assert not parse(SMALL, "shop.toml").environment.is_production


def test_a_profile_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SMALL)
    path.chmod(0o666)
    with pytest.raises(ConfigError, match="anyone on this machine may write to it"):
        load(path)
    path.chmod(0o644)
    assert load(path).name == "shop"


def test_a_profile_that_is_not_there_says_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find(None) is None
    with pytest.raises(ConfigError, match="no profile is named 'nope'") as caught:
        find("nope")
    assert "mre" in caught.value.remedy
    with pytest.raises(ConfigError, match=r"gone\.toml: no such profile file"):
        find("./gone.toml")
    (tmp_path / "watchdeck.toml").write_text(SMALL)
    assert find(None) == Path("watchdeck.toml")


def test_a_mapping_of_the_profile_is_laid_over_the_preset() -> None:
    text = SMALL + '[sources.jobs.mapping.source]\ntable = "shop.jobs"\n'
    spec = parse(text, "shop.toml").of_kind("queue")["jobs"]
    mapping = mapping_of(spec, "jobs")
    assert (mapping.source.table, mapping.source.alias, mapping.columns.id) == ("shop.jobs", "j", "j.id")


def test_a_mapping_with_an_unknown_key_names_it() -> None:
    text = SMALL + '[sources.jobs.mapping.columns]\nidd = "j.id"\n'
    spec = parse(text, "shop.toml").of_kind("queue")["jobs"]
    with pytest.raises(ConfigError, match=r"\[columns\] idd: unknown key"):
        mapping_of(spec, "jobs")
