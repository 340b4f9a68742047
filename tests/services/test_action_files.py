"""Old files: listed, and then exactly those deleted that are as they were listed; nothing outside the folder."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.action_trial import trials
from services.actions.effects.files.folder import Folder
from services.actions.plan import Plan
from services.actions.settle import settle
from services.errors import ActionError
from services.lint import check
from services.profile import parse
from tests.outside import BASE, WHY, Bench, bench

DAY = 86_400.0


def clean(folder: Path, **more: str) -> str:
    told = {"match": '["*.log", "*.log.gz"]', "older_than": '"7d"', "keep": "1", **more}
    table = "".join(f"{key} = {value}\n" for key, value in told.items())
    return f'[actions.clean]\ntitle = "Clean logs"\neffect = "files"\ndirectory = "{folder}"\n{table}'


def file(path: Path, days: float, size: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    at = time.time() - days * DAY
    os.utime(path, (at, at))
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three that are old, one that is not, and others that do not match."""
    folder = tmp_path / "logs"
    for name, days in (("a.log", 30), ("b.log", 20), ("c.log.gz", 10), ("now.log", 0.1), ("keep.txt", 90)):
        file(folder / name, days)
    return folder


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def listed(plan: Plan) -> list[str]:
    return [target.id for target in plan.targets]


async def test_the_preview_lists_the_files_and_what_is_deleted_is_the_list(tmp_path: Path, logs: Path) -> None:
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    assert listed(plan) == ["a.log", "b.log", "c.log.gz"] and plan.matching == 3
    assert plan.targets[0].label == "100 B" and f"inode {(logs / 'a.log').stat().st_ino}" in plan.targets[0].note
    assert "on this machine" in plan.changes[0] and "300 B" in plan.changes[0]
    assert (plan.confirm.kind, plan.confirm.expected, plan.risk) == ("name", "logs", "high")
    outcome = await mine.act(plan)
    assert (outcome.word, outcome.applied) == ("done", 3) and "of 3 files 3 deleted, 300 B" in outcome.message
    assert names(logs) == {"now.log", "keep.txt"}
    intent = next(mine.journal.records())
    assert intent["rows"] == listed(plan) and intent["manifest"] == plan.manifest
    with pytest.raises(ActionError, match="nothing to delete: 1 written to within 7 d"):
        await mine.plan("clean")


def to_symlink(path: Path) -> None:
    outside = file(path.parent.parent / "outside.log", 30)
    path.unlink()
    path.symlink_to(outside)


def to_another(path: Path) -> None:
    """Of the same name, age and size: only what the kernel counts tells them apart."""
    told = path.stat()
    fresh = path.with_name("fresh")
    fresh.write_bytes(b"y" * told.st_size)
    os.utime(fresh, ns=(told.st_atime_ns, told.st_mtime_ns))
    fresh.replace(path)


def written_to(path: Path) -> None:
    with path.open("a") as opened:
        opened.write("more")


def rewritten(path: Path) -> None:
    """In place, its time and size set back: its inode is the same."""
    told = path.stat()
    path.write_bytes(b"z" * told.st_size)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def linked(path: Path) -> None:
    os.link(path, path.with_name("other-name"))


@pytest.mark.parametrize("change", [to_symlink, to_another, written_to, rewritten, linked])
async def test_a_file_that_is_not_as_it_was_listed_stays_and_is_accounted_for(
    tmp_path: Path, logs: Path, change: Callable[[Path], None]
) -> None:
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    change(logs / "a.log")
    (logs / "c.log.gz").unlink()
    outcome = await mine.act(plan)
    assert (outcome.word, outcome.applied) == ("partial", 1), outcome.message
    assert "of 3 files 1 changed, 1 deleted, 1 gone already" in outcome.message
    assert len(outcome.differing) == 1 and outcome.differing[0].startswith("a.log: changed")
    assert os.path.lexists(logs / "a.log") and not (logs / "b.log").exists()
    assert change is not to_symlink or (tmp_path / "outside.log").exists()


async def test_a_file_exchanged_at_the_last_moment_stays(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the whole folder and the deletion of this one."""
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    remove = Folder.remove
    made: list[str] = []

    def late(self: Folder, found: object) -> None:
        if not made:
            made.append("b.log")
            to_symlink(logs / "b.log")
        remove(self, found)  # type: ignore[arg-type]

    monkeypatch.setattr(Folder, "remove", late)
    outcome = await mine.act(plan)
    assert outcome.word == "partial" and outcome.differing == ("b.log: changed: it is not the file that was listed",)
    assert (logs / "b.log").is_symlink() and (tmp_path / "outside.log").exists()


def whole_folder(logs: Path, elsewhere: Path) -> None:
    logs.rename(logs.with_name("moved"))
    shutil.copytree(elsewhere, logs)


def folder_to_symlink(logs: Path, elsewhere: Path) -> None:
    logs.rename(logs.with_name("moved"))
    logs.symlink_to(elsewhere)


@pytest.mark.parametrize("exchange", [whole_folder, folder_to_symlink])
async def test_another_folder_in_the_place_of_the_previewed_one_loses_nothing(
    tmp_path: Path, logs: Path, exchange: Callable[[Path, Path], None]
) -> None:
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    elsewhere = tmp_path / "elsewhere"
    for name in listed(plan):
        file(elsewhere / name, 30)
    exchange(logs, elsewhere)
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and names(elsewhere) == set(listed(plan))
    assert ("no longer the previewed one" in outcome.message) == (exchange is whole_folder)
    assert set(listed(plan)) <= names(logs.with_name("moved"))


async def test_folders_below_are_gone_into_only_as_far_as_asked_and_never_through_a_symlink(
    tmp_path: Path, logs: Path
) -> None:
    outside = tmp_path / "outside"
    file(outside / "theirs.log", 30)
    (logs / "link").symlink_to(outside)
    for name in ("web/old.log", "web/deep/older.log"):
        file(logs / name, 30)
    assert "web/old.log" not in listed(await bench(tmp_path, clean(logs)).plan("clean"))
    mine = bench(tmp_path, clean(logs, depth="2"))
    plan = await mine.plan("clean")
    assert "web/old.log" in listed(plan) and not {"web/deep/older.log", "link/theirs.log"} & set(listed(plan))
    (logs / "web").rename(tmp_path / "gone")
    file(tmp_path / "bait" / "old.log", 30)
    (logs / "web").symlink_to(tmp_path / "bait")
    outcome = await mine.act(plan)
    assert outcome.word == "done" and "1 gone already" in outcome.message
    assert (tmp_path / "bait" / "old.log").exists() and (tmp_path / "gone" / "old.log").exists()


async def test_the_newest_stay_also_if_they_are_old_and_what_is_too_small_does_not_count(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    for at in range(6):
        file(backups / f"db_{at}.sql.gz", 60 + at, 5000)  # db_0 is the newest
    for at in range(4):
        file(backups / f"db_empty{at}.sql.gz", 40 + at, 20)  # the dump failed, gzip did not
    mine = bench(tmp_path, clean(backups, match='["db_*.sql.gz"]', older_than='"30d"', keep="3", least='"1kB"'))
    plan = await mine.plan("clean")
    sound = {f"db_{at}.sql.gz" for at in range(3)}
    assert not sound & set(listed(plan)) and len(plan.targets) == 7 and "3 that are old enough stay" in plan.warnings[1]
    (backups / "db_0.sql.gz").unlink()  # so that others are the newest now
    outcome = await mine.act(plan)
    assert outcome.word == "partial" and outcome.differing == ("db_3.sql.gz: left: it is among the newest now",)
    assert names(backups) == {"db_1.sql.gz", "db_2.sql.gz", "db_3.sql.gz"}


async def test_what_is_odd_is_left_and_told(tmp_path: Path, logs: Path) -> None:
    to_symlink(logs / "b.log")
    linked(logs / "a.log")
    os.mkfifo(logs / "pipe.log")
    file(logs / "bad\x1b[2J\n.log", 30)
    plan = await bench(tmp_path, clean(logs)).plan("clean")
    assert listed(plan) == ["c.log.gz"]
    said = " ".join(plan.warnings)
    assert "has 1 other name(s)" in said and "is no regular file" in said and "more are left out" in said
    assert "\x1b" not in said


async def test_the_cap_takes_the_oldest_and_says_how_many_are_left(tmp_path: Path, logs: Path) -> None:
    plan = await bench(tmp_path, clean(logs, cap="2")).plan("clean")
    assert listed(plan) == ["a.log", "b.log"] and plan.matching == 3
    assert any("1 more match" in warning for warning in plan.warnings)


async def test_an_edited_list_or_profile_deletes_nothing(tmp_path: Path, logs: Path) -> None:
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    other = (await bench(tmp_path, clean(logs, match='["*.txt"]')).plan("clean")) if file(logs / "z.txt", 1) else plan
    widened = plan.model_copy(update={"targets": (*plan.targets, *other.targets)})
    escaping = plan.model_copy(
        update={"targets": (plan.targets[0].model_copy(update={"id": "../outside.log"}), *plan.targets[1:])}
    )
    file(tmp_path / "outside.log", 30)
    for edited in (widened, escaping, other):
        assert (await mine.act(edited)).word == "not applied"
    changed = Bench(bench(tmp_path, clean(logs, older_than='"1h"')).profile, mine.journal)
    assert "no longer the previewed one" in (await changed.act(plan)).message
    assert names(logs) >= {"a.log", "b.log", "c.log.gz", "keep.txt"}


async def test_stopped_half_way_the_rest_stays(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = bench(tmp_path, clean(logs))
    runner = mine.runner(await mine.plan("clean"))
    remove = Folder.remove

    def once(self: Folder, found: object) -> None:
        remove(self, found)  # type: ignore[arg-type]
        runner.stop.set()

    monkeypatch.setattr(Folder, "remove", once)
    outcome = await runner.carry_out()
    assert (outcome.word, outcome.applied, len(outcome.differing)) == ("partial", 1, 2)
    assert names(logs) == {"b.log", "c.log.gz", "now.log", "keep.txt"}


async def test_what_nobody_saw_end_is_settled_by_looking(tmp_path: Path, logs: Path) -> None:
    mine = bench(tmp_path, clean(logs))
    plan = await mine.plan("clean")
    mine.journal.append_intent("0193f1c2-0000-7000-8000-000000000001", plan, WHY)
    (logs / "a.log").unlink()
    (outcome,) = await settle(mine.profile, mine.journal, "bob")
    assert outcome.word == "partial" and "1 of 3 files are gone" in outcome.message
    assert outcome.differing == ("b.log: is there", "c.log.gz: is there")


async def test_a_folder_that_is_not_there_is_told_before(tmp_path: Path, logs: Path) -> None:
    lost = bench(tmp_path, clean(tmp_path / "lost"))
    with pytest.raises(ActionError, match="No such file"):
        await lost.plan("clean")
    (finding,) = await trials(lost.profile, False)
    (fine,) = await trials(bench(tmp_path, clean(logs)).profile, False)
    assert (finding.word, fine.word) == ("failed", "ok")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("match", '["*"]', "would match anything"),
        ("match", '["*.*"]', "would match anything"),
        ("match", '["web/*.log"]', "pattern"),
        ("directory", '"logs"', "whole path"),
        ("directory", '"/"', "whole path"),
        ("directory", '"/opt/../etc"', "whole path"),
        ("keep", "0", "greater than or equal to 1"),
        ("older_than", '"0s"', "greater than 0"),
        ("risk", '"low"', "high"),
    ],
)
def test_a_profile_that_would_delete_too_much_is_refused(tmp_path: Path, key: str, value: str, problem: str) -> None:
    text = clean(tmp_path)
    lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
    with pytest.raises(Exception, match=problem):
        parse(BASE + "\n".join([*lines, f"{key} = {value}"]), "test")
    assert not [found for found in check(bench(tmp_path, text).profile) if "actions" in found]
