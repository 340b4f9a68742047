"""The lint: each name that leads nowhere, and each rule that can never fire, is told with its table and key."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from services.lint import check
from services.profile import Profile, parse, shipped
from services.profile.raw import of_text

TEXT = {name: (resources.files("services") / "profiles" / f"{name}.toml").read_text() for name in shipped()}


def _problems(**tables: Any) -> list[str]:
    """What is found in the MRE profile after these tables, given by dotted paths with `__`, are laid over it."""
    data = of_text(TEXT["mre"], "mre.toml").data
    for path, value in tables.items():
        *folders, last = path.split("__")
        node = data
        for folder in folders:
            node = node.setdefault(folder.replace("_", "-") if folder not in node else folder, {})
        node[last] = value
    return check(Profile.model_validate(data, strict=False))


@pytest.mark.parametrize("name", sorted(TEXT))
def test_shipped_profiles_have_nothing_wrong(name: str) -> None:
    assert check(parse(TEXT[name], f"{name}.toml")) == []


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        (
            {"rules__stale_locks__figure": "stale_cuont"},
            "[rules.stale-locks] figure: queue sources report no figure 'stale_cuont'; by a fixed name there are",
        ),
        ({"rules__stale_locks__events": "nope", "rules__stale_locks__min_events": 1}, "[rules.stale-locks] events: "),
        ({"rules__stale_locks__min_events": 5}, "[rules.stale-locks] min_events: `events` does not say of what"),
        ({"rules__stale_locks__severity": "SEV9"}, "[rules.stale-locks] severity: 'SEV9' is not one of SEV1"),
        ({"rules__job_failure_rate__value": 5.0}, "a share between 0 and 1, so this never fires"),
        (
            {"actions__requeue_jobs__do": "requeu"},
            "[actions.requeue-jobs] do: the mapping 'mre' has no action 'requeu'",
        ),
        ({"actions__requeue_jobs__key": "q"}, "[actions.requeue-jobs] key: 'q' is not one capital letter"),
        ({"actions__pause_job_type__params": {}}, "params: {type} in `flag` has no pattern"),
        ({"actions__pause_job_type__params": {"type": "["}}, "[actions.pause-job-type] params.type: not a pattern"),
        (
            {"actions__pause_job_type__params": {"type": "x", "more": "y"}},
            "[actions.pause-job-type] params: more does not stand in `flag`",
        ),
        (
            {"patterns__imu_axis__codes": ["GNSS_JITTER_HIGH"]},
            "[patterns.gnss-jitter] codes: GNSS_JITTER_HIGH stands under imu-axis already",
        ),
        ({"sources__jobs__preset": "nope"}, "sources.jobs.preset: no preset is named 'nope'"),
        ({"sources__jobs__mapping": {"cost": {"counted": ["faild"]}}}, "cost.counted: there is no state 'faild'"),
        ({"sources__jobs__stale_after__fuze": "1m"}, "[sources.jobs.stale_after] fuze: not one of"),
        ({"sources__jobs__mapping": {"extra": {"failed": "j.x"}}}, "the state 'failed' is in [states] and in [extra]"),
        (
            {"sources__pgss": {"kind": "statements", "database": "db", "interval": "1m", "window": "2m"}},
            "[sources.pgss] window: 120 s are fewer than 4 polls",
        ),
        (
            {"sources__own": {"kind": "sql", "database": "db", "query": "SELECT 1 AS rows", "value": "rows"}},
            "[sources.own] value: 'rows' is what the number of rows is called",
        ),
        (
            {"rules__db_pool_saturation__figure": "replication.missing"},
            "[rules.db-pool-saturation] figure: nobody says how many standbys there should be",
        ),
        (
            {
                "sources__own": {"kind": "sql", "database": "db", "query": "SELECT 1 AS value"},
                "rules__db_pool_saturation__source": "own",
                "rules__db_pool_saturation__figure": "figures.logins",
            },
            "[rules.db-pool-saturation] figure: the query's figures are called 'value' and 'rows', and none 'logins'",
        ),
        (
            {
                "sources__sizes": {"kind": "tables", "database": "db"},
                "rules__db_pool_saturation__source": "sizes",
                "rules__db_pool_saturation__figure": "used_share",
            },
            "[rules.db-pool-saturation] figure: nobody says how big the disk is: give the source a `capacity`",
        ),
        ({"sources__jobs__interval": 0}, "[sources.jobs] interval and timeout must be more than nothing"),
    ],
)
def test_what_leads_nowhere_is_named(tables: dict[str, Any], problem: str) -> None:
    found = _problems(**tables)
    assert any(problem in line for line in found), found


def test_an_effect_that_does_not_fit_its_mapping_is_named() -> None:
    release = {
        "title": "x",
        "from_states": ["runing"],
        "match": ["heartbeat_at"],
        "sql": "DELETE FROM jobs",
        "expect": "true",
        "changes": [],
    }
    found = "\n".join(_problems(sources__jobs__mapping={"actions": {"release": release}}))
    assert "actions.release: match: heartbeat_at is not in [columns]" in found
    assert "actions.release: from_states: there is no state 'runing'" in found
    assert "actions.release: sql: it does not use :ids" in found


def test_a_queue_without_a_second_sign_of_death_releases_nothing() -> None:
    found = _problems(sources__jobs__mapping={"stale": {"alive": None, "locked": "true"}})
    assert any("[actions.release-stale-locks] select" in line and "second sign of death" in line for line in found)


def test_sources_and_actions_that_need_a_missing_table_are_named() -> None:
    found = "\n".join(_problems(sources__jobs__mapping={"flags": None, "runs": None, "reaper": None}))
    for table in ("runs", "flags", "reaper"):
        assert f"[sources.{table}] queue: the mapping 'mre' has no [{table}] table" in found
    assert "[actions.pause-job-type] effect: the mapping 'mre' does not say how a flag is written" in found
    assert "actions.reprocess: it is of runs, and there is no [runs] table" in found
