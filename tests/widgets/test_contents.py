"""What each subject says of a healthy system, a troubled one, and one of which little is known."""

from __future__ import annotations

from dataclasses import replace

from services.alerts import Alert
from services.readings import (
    NO_DATA_YET,
    NOT_CONFIGURED,
    NOT_RECORDED,
    Flag,
    FlagsValues,
    PostgresValues,
    ReaperValues,
    Unknown,
)
from tests import samples, samples_reach
from widgets import (
    alerts,
    arrivals,
    audit,
    database,
    failures,
    flags,
    health,
    jobs,
    locks,
    minio,
    queues,
    runs,
    settings,
    storage,
)
from widgets.columns import as_line
from widgets.lines import text_of
from widgets.pane import Content

NOW = samples.NOW


def said(content: Content, width: int = 120, height: int = 40) -> str:
    return "\n".join(text_of(row) for row in content.lines(width, height))


def test_a_paused_type_says_by_whom_and_a_limited_one_how_many() -> None:
    troubled = samples.TROUBLED["flags"]
    assert isinstance(troubled, FlagsValues)
    table = said(queues.types(samples.queue_troubled(), troubled))
    assert "‖paused ines" in table
    assert "max 8 mara" in table
    assert "paused: publish_session" in said(queues.summary(samples.queue_troubled(), troubled))


def test_percentiles_that_do_not_cover_their_window_yet_say_so() -> None:
    young = replace(samples.queue_healthy(), filled_s=120.0)
    assert "so far cover 2 m of 15 m" in said(queues.types(young))


def test_unknown_figures_are_never_zero_and_sort_last() -> None:
    table = queues.types(samples.queue_troubled())
    at = [column.key for column in table.columns].index("duration_p95")
    row = next(each for each in table.rows if each.key == "detect_laps")
    assert row.cells[at] == ("?", "unknown") and row.sort[at] is None


def test_stale_and_stuck_are_two_words_and_only_the_dead_are_stale() -> None:
    table = locks.locks(samples.queue_troubled())
    words = [str(row.cells[0][0]) for row in table.rows]
    assert words == ["✖ stale"] * 12 + ["▲ stuck"] * 3
    assert "no lock is older" in said(locks.locks(samples.queue_healthy()))


def test_a_queue_that_records_neither_locks_nor_ends_is_not_called_well() -> None:
    healthy = samples.queue_healthy()
    rates = {"failure_rate": NOT_RECORDED, "retry_rate": NOT_RECORDED}
    values = replace(
        healthy,
        ended=NOT_RECORDED,
        failures=(),
        filled_s=0.0,
        total=replace(healthy.total, **rates),
        stale=(),
        stale_count=NOT_RECORDED,
        stuck_count=NOT_RECORDED,
    )
    why = "not recorded: this queue does not record it"
    assert said(locks.locks(values)).startswith(f"? locks: {why}")
    assert said(failures.groups(values, NOW)) == f"? failures: {why}"
    assert "no attempt ended" not in said(failures.summary(values, NOW)) + said(failures.OverTime(values))
    assert f"rates and percentiles: {why}" in said(queues.types(values))
    learning = replace(values, total=replace(healthy.total, failure_rate=NOT_RECORDED, retry_rate=NO_DATA_YET))
    assert "no attempt ended in an error" in said(failures.groups(learning, NOW)), (
        "attempts are recorded, and none failed"
    )


def test_the_reaper_that_failed_and_the_one_that_never_ran_are_told_apart() -> None:
    values = samples.reaper_troubled()
    failed = ReaperValues(values.runs[1:])
    assert "✖ failed 31 m ago: canceling statement" in said(locks.summary(samples.queue_healthy(), failed, NOW))
    assert "never run" in said(locks.summary(samples.queue_healthy(), ReaperValues(()), NOW))


def test_a_known_bad_pattern_is_named_beside_its_errors() -> None:
    known = failures.KnownPattern("version", "Parser too old", ("PARSE_UNSUPPORTED_*",), ("compare parser pins",))
    values = samples.queue_troubled()
    assert "Parser too old" in said(failures.groups(values, NOW, (known,)), 160)
    patterns = failures.patterns_table((known,), values)
    assert patterns.rows[0].cells[0] == ("412", "bad")


def test_the_publish_success_that_is_not_recorded_says_why() -> None:
    assert "not recorded: this queue does not record it" in said(runs.Distribution(samples.runs_troubled()))


def test_a_distribution_keeps_its_numbers_at_forty_columns() -> None:
    drawn = [text_of(row) for row in runs.Distribution(samples.runs_troubled()).lines(38, 10)]
    assert drawn[2].startswith("● succeeded") and drawn[2].endswith("1,204") and len(drawn[2]) <= 38


def test_runs_with_other_words_have_the_same_shapes_and_no_column_that_is_always_empty() -> None:
    named = tuple(
        replace(run, session=f"sheet-{run.id}.pdf", status=status, size_class="", owner="")
        for run, status in zip(samples.runs_healthy().recent, ("Audited", "Processing", "Failed"), strict=False)
    )
    endings = (("Processing", "live"), ("Audited", "succeeded"), ("Failed", "failed"))
    values = replace(
        samples.runs_healthy(), by_status=(("Processing", 3), ("Audited", 9)), recent=named, endings=endings
    )
    drawn = runs.recent(values, NOW)
    assert [text_of(as_line(row.cells[0])) for row in drawn.rows] == ["● Audited", "▸ Processing", "✖ Failed"]
    assert [column.title for column in drawn.columns] == ["Status", "Run", "Session", "Created", "Usable in"]
    assert named[0].session in said(drawn)
    assert "▸ Processing █" in said(runs.Distribution(values)) and "partial" not in said(runs.Distribution(values))


def test_a_rate_and_a_factor_are_told_as_such_and_what_is_not_known_as_neither() -> None:
    alert = Alert("volume", "Volume", "firing", 5.1, "3x off what is usual", NOW, unit="per_s")
    told = [replace(alert, unit="times", value=444), replace(alert, value=NO_DATA_YET)]
    assert [alerts.valued(each)[0] for each in (alert, *told)] == ["5.1/s", "444x", "?"]


def test_an_endpoint_that_gave_no_answer_says_what_to_do() -> None:
    check = samples.health_troubled().checks[1]
    assert "→ is the API overloaded" in said(health.detail(check, "http://x"))
    assert "2 of 3 endpoints fail" in said(health.summary(samples.health_troubled()))


def test_storage_that_was_never_walked_does_not_claim_to_be_empty() -> None:
    text = said(storage.bucket(samples.storage_troubled(), NOW))
    assert "no data yet: the first walk is under way" in text and "walking: 12,000 keys" in text
    assert said(storage.prefixes(samples.storage_troubled())) == "nothing counted yet"


def test_a_flag_says_who_why_since_when_and_until_when() -> None:
    values = samples.TROUBLED["flags"]
    assert isinstance(values, FlagsValues)
    first = said(flags.flags(values, NOW)).split("\n")[1]
    assert all(word in first for word in ("‖ off", "ines", "13 m ago", "in 17 m", "storage outage"))
    assert "⊘ expired" in said(flags.flags(values, NOW))


def test_a_flag_that_is_seldom_on_is_as_it_should_be_while_it_is_off() -> None:
    off = Flag("maintenance", False, "", "setup", NOW - 60, "", None, False, exceptional=True)
    assert "○ off" in said(flags.flags(FlagsValues((off,)), NOW))
    assert said(flags.summary(FlagsValues((off,)), NOW)) == "● nothing is paused or limited"
    on = said(flags.summary(FlagsValues((replace(off, enabled=True), replace(off, name="x", expired=True))), NOW))
    assert on.split("\n") == ["▲ maintenance is on", "▲ on maintenance by setup 60 s ago"]


def test_the_database_says_what_it_may_not_tell_and_how_wrong_its_clock_is() -> None:
    text = said(database.server(samples.postgres_troubled(), NOW))
    assert "not permitted: needs pg_read_all_stats" in text
    assert "3.4 s ahead of ours" in text and "actions are refused" in text
    standby = replace(samples.postgres(), in_recovery=True)
    assert isinstance(standby, PostgresValues) and "standby" in said(database.server(standby, NOW))


def test_a_job_in_full_shows_attempts_and_never_its_payload() -> None:
    text = said(jobs.detail(samples.job_detail()))
    assert "2.14 kB, not shown" in text and "PARSE_UNSUPPORTED_VERSION" in text
    unrecorded = replace(samples.job_detail(), attempts=NOT_RECORDED)
    assert "not recorded" in said(jobs.attempts(unrecorded))


def test_the_fields_of_a_job_are_those_the_filter_knows() -> None:
    row = jobs.page(samples.job_page()).rows[0]
    assert {"id", "type", "state", "error", "worker", "owner", "run", "attempt"} <= set(row.fields)


def test_a_broken_chain_and_an_unsettled_action_are_said() -> None:
    broken = replace(samples.audit(), chain_ok=False)
    text = said(audit.entries(broken, NOW))
    assert "chain is broken" in text and "1 unsettled" in text


def test_alerts_come_the_worst_first_and_unconfirmed_ones_are_told() -> None:
    rows = alerts.alerts(samples.alerts(), NOW, lambda alert: ()).rows
    assert [row.cells[0] for row in rows][:2] == [("✖ firing", "bad"), ("✖ firing?", "bad")]
    assert rows[-1].cells[0] == ("● ok", "good")


def test_a_queue_of_which_nothing_is_known_is_not_called_well() -> None:
    unknown = Unknown("not permitted", "no SELECT on jobs")
    blind = replace(samples.queue_healthy(), total=samples.job_type("all", waiting=unknown))
    assert "? not permitted: no SELECT on jobs" in said(queues.summary(blind))


def test_an_arrival_says_how_late_and_how_small_it_is_and_nothing_of_what_never_came() -> None:
    due = {"nightly": 93_600.0, "wal": 900.0}
    found = samples_reach.bucket_troubled()
    _, nightly, wal, *_ = said(arrivals.arrivals(found, due)).split("\n")
    assert all(word in nightly for word in ("✖ overdue", "2 d", "30 h late", "40 MB", "✖ 0.9 %"))
    assert "✖ overdue" in wal and "none" in wal and "?" not in wal
    assert "nightly: overdue and shrunken" in said(arrivals.detail(found.arrivals[0], due, 0.5))
    healthy = said(arrivals.arrivals(samples_reach.bucket_healthy(), due))
    assert healthy.count("● arrives") == 2 and "in 16 h" in healthy and "not that a backup can be restored" in healthy


def test_an_arrival_whose_size_cannot_be_judged_yet_is_not_green() -> None:
    first = samples_reach.bucket_healthy().arrivals[0]
    alone = Unknown("no data yet", "there is none before it")
    assert arrivals.grade_of(replace(first, size_share=alone, shrunken=alone)) == ("unknown", "arrives")
    assert arrivals.grade_of(replace(first, overdue=alone)) == ("unknown", "unknown")


def test_settings_are_told_in_six_words_and_only_a_rule_makes_one_of_them_wrong() -> None:
    found = samples_reach.bucket_troubled()
    table = said(settings.settings(found, lambda name: ""))
    words = ("○ off", "○ not configured", "? not permitted", "? not supported", "? failed", "1k+ uploads")
    assert all(word in table for word in words) and "✖" not in table and "●" not in table
    judged = said(settings.settings(found, lambda name: "Not encrypted" if name == "encryption" else ""))
    assert "✖ not configured  Not encrypted" in judged
    assert "reading lifecycle: 403 AccessDenied" in said(settings.detail(found.settings[2]))


def test_minio_tells_what_is_gone_and_once_why_it_knows_nothing() -> None:
    healthy = samples_reach.minio_healthy()
    assert "16 online, 0 offline" in said(minio.cluster(healthy)) and "61 % of 8 TB" in said(minio.cluster(healthy))
    hurt = replace(healthy, drives_offline=2, quorum=0, healthy=0, said="2 drives are offline")
    assert "✖ 16 online, 2 offline" in said(minio.cluster(hurt)) and "✖ not enough drives" in said(minio.cluster(hurt))
    hangs = said(minio.cluster(samples_reach.minio_troubled()))
    assert hangs.count("no complete answer") == 1 and "? not known" in hangs and "0 offline" not in hangs
    dark = Unknown("failed", "no answer")
    assert said(minio.cluster(replace(healthy, healthy=dark))).startswith("? health: failed")


def test_the_bucket_says_when_it_is_full_only_where_that_is_known() -> None:
    found = samples.storage_healthy()
    assert "2.31 TB of 4 TB, 58 %" in said(storage.bucket(found, NOW))
    assert "21 GB a day, full in 80 d" in said(storage.bucket(found, NOW))
    endless = said(storage.bucket(replace(found, capacity_bytes=NOT_CONFIGURED), NOW))
    assert "no capacity declared" in endless and "full" not in endless
    assert "it shrinks by 3 GB a day" in said(storage.bucket(replace(found, growth_bytes_per_day=-3e9), NOW))
    troubled = said(storage.bucket(samples.storage_troubled(), NOW))
    assert "✖ 81 % of 60 probes" in troubled and "✖ failed: PutObject" in troubled
