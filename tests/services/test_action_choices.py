"""What a parameter may be, as a program lists it: offered, insisted on, and no more than the pattern lets through."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.actions.effects.choices import choices
from services.errors import ActionError, ConfigError, SourceError
from services.profile import CommandAction
from tests.outside import Bench, bench, program

LISTS = """
print("Releases, the newest first:")
for line in ("v5.3.0  two days ago", "v5.2.1  three weeks ago", "--force", "v5;rm", "v5.3.0 again", "\\x1b[2Jv1"):
    print(line)
"""


def rollback(folder: Path, lists: str = LISTS) -> Bench:
    ran = f"open({str(folder / 'ran')!r}, 'w').write(' '.join(sys.argv[1:]))"
    main, listing = program(folder, "rollback", ran), program(folder, "list", lists)
    return bench(
        folder,
        f"""
[actions.rollback]
title = "Roll back"
effect = "command"
argv = ["{main}", "{{tag}}"]
params = {{ tag = "v[0-9.]+" }}
choices.tag = {{ argv = ["{listing}"] }}
""",
    )


def action(mine: Bench) -> CommandAction:
    found = mine.profile.actions["rollback"]
    assert isinstance(found, CommandAction)
    return found


async def test_what_is_listed_is_offered_once_and_only_what_the_pattern_lets_through(tmp_path: Path) -> None:
    mine = rollback(tmp_path)
    assert await choices(action(mine), "tag") == ("v5.3.0", "v5.2.1")
    assert (await mine.do("rollback", tag="v5.2.1")).word == "done"
    assert (tmp_path / "ran").read_text() == "v5.2.1"


@pytest.mark.parametrize("tag", ["v9.9.9", "v5;rm", "--force", ""])
async def test_what_is_not_listed_is_refused_before_anything_runs(tmp_path: Path, tag: str) -> None:
    with pytest.raises(ActionError, match="tag"):
        await rollback(tmp_path).plan("rollback", tag=tag)
    assert not (tmp_path / "ran").exists()


async def test_a_list_that_cannot_be_had_is_a_refusal_not_a_free_choice(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the list for tag cannot be had: no repository"):
        await rollback(tmp_path, "sys.exit('no repository')").plan("rollback", tag="v5.3.0")


def test_a_list_for_a_parameter_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such parameter"):
        bench(
            tmp_path,
            '[actions.x]\ntitle = "X"\neffect = "command"\nargv = ["x"]\nchoices.tag = { argv = ["y"] }\n',
        )
