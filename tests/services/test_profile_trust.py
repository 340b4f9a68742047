"""A profile that names programs to be run is refused when somebody else could have written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.errors import ConfigError
from services.profile import read
from services.profile.trusted import PROGRAMS

WATCHING = 'schema = 1\nname = "x"\ntitle = "X"\n[sources.a]\nkind = "tcp"\naddresses = ["127.0.0.1:1"]\n'
RUNNING = WATCHING + '[sources.b]\nkind = "command"\nargv = ["true"]\n'


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "x.toml"
    path.write_text(RUNNING)
    path.chmod(0o644)
    return path


def refused(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(path.parent) in str(caught.value) and caught.value.remedy
    return caught.value


def test_one_that_only_its_owner_may_write_is_read(profile: Path) -> None:
    assert read(profile).data["sources"]["b"]["argv"] == ["true"]


def test_one_that_its_group_may_write_is_refused_by_the_key_that_runs_something(profile: Path) -> None:
    profile.chmod(0o664)
    problem = refused(profile)
    assert "sources.b.argv" in problem.message and "chmod go-w" in problem.remedy
    profile.write_text(WATCHING)
    assert read(profile).data  # nothing is run: its group may write it


def test_one_that_anyone_may_write_is_refused_whatever_it_says(profile: Path) -> None:
    profile.write_text(WATCHING)
    profile.chmod(0o646)
    assert "chmod o-w" in refused(profile).remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_one_of_another_user_is_refused(profile: Path) -> None:
    os.chown(profile, 12345, -1)
    assert "uid 12345" in refused(profile).message


def test_one_in_a_folder_where_anyone_may_replace_it_is_refused(profile: Path) -> None:
    profile.parent.chmod(0o777)
    assert "put another file in the place of x.toml" in refused(profile).message
    profile.parent.chmod(0o1777)
    assert read(profile).data


@pytest.mark.parametrize("key", sorted(PROGRAMS))
def test_every_key_that_names_a_program_counts_wherever_it_stands(profile: Path, key: str) -> None:
    profile.write_text(f'{WATCHING}[actions.deep.deeper]\n{key} = ["true"]\n')
    profile.chmod(0o664)
    assert f"actions.deep.deeper.{key}" in refused(profile).message
