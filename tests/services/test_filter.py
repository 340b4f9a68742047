"""The filter language: what it finds, what it refuses, and that it finds the same in the database as on the screen."""

from __future__ import annotations

import random

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.filter import JOB_FIELDS, Filter, FilterError, parse
from services.profile import QueueSource, mapping_of
from services.queues.filter import where
from tests.conftest import Database

MAPPING = mapping_of(QueueSource(kind="queue", database="db", preset="mre"), "jobs")
ROW = {"id": "12", "type": "parse_raw", "state": "failed", "error": "GNSS_JITTER_HIGH", "worker": "w-1", "owner": "7"}
TEXT = "12 parse_raw failed GNSS_JITTER_HIGH w-1 7 [time out] at 50%"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("  ", True),
        ("gnss", True),
        ("GNSS parse", True),
        ("gnss fuse", False),
        ("!fuse", True),
        ("!gnss", False),
        ('"time out"', True),
        ('"parse time"', False),
        ('!"time out"', False),
        ("50%", True),
        ("type:parse_raw", True),
        ("TYPE:Parse_Raw", True),
        ("type:parse", False),  # a field is exact: w-1 is not w-10
        ("type:parse*", True),
        ('type:"parse*"', False),
        ("error:*jitter*", True),
        ("!type:parse_raw", False),
        ("!type:fuse", True),
        ("state:failed state:retry_wait", True),
        ("state:waiting state:retry_wait", False),
        ("type:parse_raw state:waiting", False),
        ('run:""', True),  # this row has none
        ('!run:""', False),
        ("id:12", True),
        ("id:1", False),
        ('"type:parse_raw"', False),  # quoted: looked for as it stands
    ],
)
def test_a_row_is_shown_when_the_filter_says_so(text: str, found: bool) -> None:
    assert parse(text).matches(ROW, TEXT) is found


@pytest.mark.parametrize(
    ("text", "complaint", "remedy"),
    [
        ("colour:red", "no field 'colour'", "id, type, state, error, worker, owner, run, attempt"),
        (":x", "no field ''", "known fields"),
        ("!", "stands alone", "!word"),
        ('""', "stands alone", ""),
        ('"open', "not closed", "both sides"),
        ("type:", "nothing stands after `type:`", 'type:""'),
        ("a\x1bb", "control character in it (U+001B)", ""),
        ("x" * 1001, "longer than 1000", ""),
    ],
)
def test_a_filter_that_cannot_be_understood_says_what_is_wrong(text: str, complaint: str, remedy: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse(text)
    assert complaint in refused.value.message
    assert remedy in refused.value.remedy


def test_a_table_has_fields_of_its_own() -> None:
    assert parse("flag:jobs.*", fields=("flag",)).matches({"flag": "jobs.fuse"}, "")
    with pytest.raises(FilterError, match="no field 'type'"):
        parse("type:fuse", fields=("flag",))


def test_a_state_or_a_field_that_the_queue_does_not_have_is_named() -> None:
    with pytest.raises(FilterError, match="no state is named 'wating'") as refused:
        where(parse("state:wating"), MAPPING)
    assert "waiting" in refused.value.remedy
    ownerless = MAPPING.model_copy(update={"columns": MAPPING.columns.model_copy(update={"owner": None})})
    with pytest.raises(FilterError, match="does not record `owner`"):
        where(parse("owner:7"), ownerless)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('!:"* ')), max_size=60))
def test_no_text_at_all_makes_it_fail_in_any_other_way(text: str) -> None:
    try:
        filter_ = parse(text)
        filter_.matches(ROW, TEXT)
        where(filter_, MAPPING)
    except FilterError as refused:
        assert refused.message


# ---- the same in the database

COLUMNS = (
    "id, type, coalesce(last_error_code, ''), coalesce(locked_by, ''), owner_user_id, run_id, attempt,"
    " coalesce(last_error_message, ''), state, run_at > now()"
)


@pytest.fixture
def jobs(mre: Database) -> list[tuple[dict[str, str], str]]:
    """Sixty jobs of all sorts, and what the screen would know of each, told without the mapping."""
    dice = random.Random(5)
    for _ in range(60):
        mre.execute(
            "INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, run_at, locked_by, last_error_code,"
            " last_error_message) VALUES (%s, %s, %s, %s, %s, now() + %s * interval '1 hour', %s, %s, %s)",
            dice.randint(1, 3),
            dice.randint(1, 3),
            dice.choice(["parse_raw", "fuse", "Fuse_É", "downsample_L1"]),
            dice.choice(["queued", "queued", "running", "retry_wait", "failed", "succeeded", "cancelled"]),
            dice.randint(0, 12),
            dice.choice([-1, 1]),
            dice.choice([None, "w-1", "w-10", "w_1"]),
            dice.choice([None, "GNSS_JITTER_HIGH", "E%", "É"]),
            dice.choice([None, "", "it broke\non line 2", "100% of it \\ broke"]),
        )
    return [_as_shown(row) for row in mre.execute(f"SELECT {COLUMNS} FROM jobs")]


def _as_shown(row: tuple[object, ...]) -> tuple[dict[str, str], str]:
    *texts, state, later = row
    shown = ("scheduled" if later else "waiting") if state == "queued" else str(state)
    id_, type_, error, worker, owner, run, attempt, _ = map(str, texts)
    fields = {"id": id_, "type": type_, "error": error, "worker": worker, "owner": owner, "run": run}
    return fields | {"attempt": attempt, "state": shown}, " ".join(str(t) for t in (*texts, shown) if t != "")


VALUES = (
    *("1", "12", "01", "w-1", "w-1*", "*_1", "FUSE*", "fuse_é", "fuse_É", '""', "E%", "e*", "*", "É", "gnss*high"),
    *("failed", "retry*", "SUCCEEDED", "waiting", "scheduled", "parse_raw", '"*"', "\\", "99999999999999999999"),
)
TERM = st.one_of(
    st.sampled_from(["fuse", "w-1", "BROKE", "é", "100%", "\\", "_", '"it broke"', "failed", "1", '"L1 "']),
    st.builds("{}:{}".format, st.sampled_from(JOB_FIELDS), st.sampled_from(VALUES)),
)
FILTERS = st.lists(st.builds("{}{}".format, st.sampled_from(["", "!"]), TERM), min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize("types", [{}, {"id": "bigint", "run": "bigint", "owner": "bigint"}])
def test_the_database_finds_the_rows_that_the_screen_would_show(
    mre: Database, jobs: list[tuple[dict[str, str], str]], types: dict[str, str]
) -> None:
    with psycopg.connect(mre.dsn, autocommit=True) as connection:

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(FILTERS)
        def same(text: str) -> None:
            filter_ = parse(text)
            try:
                condition, params = where(filter_, MAPPING, types)
            except FilterError:  # a state that there is not
                return
            found = connection.execute(f"SELECT j.id::text FROM jobs AS j WHERE {condition}", params)  # type: ignore[arg-type]
            assert {id_ for (id_,) in found} == {f["id"] for f, row_text in jobs if filter_.matches(f, row_text)}

        same()


@pytest.mark.parametrize(("text", "index"), [("id:77", "jobs_pkey"), ("run:77", "jobs_run")])
def test_one_row_of_many_is_found_by_its_index(mre: Database, text: str, index: str) -> None:
    mre.execute("INSERT INTO jobs (run_id, owner_user_id, type) SELECT n, 1, 'fuse' FROM generate_series(1, 2000) n")
    mre.execute("ANALYZE jobs")
    condition, params = where(parse(text), MAPPING, {"id": "bigint", "run": "bigint"})
    with psycopg.connect(mre.dsn) as connection:
        plan = connection.execute(f"EXPLAIN SELECT * FROM jobs AS j WHERE {condition}", params).fetchall()  # type: ignore[arg-type]
    assert f"Index Scan using {index}" in str(plan)


def test_no_value_is_an_error_for_any_type_of_id(mre: Database) -> None:
    values = ("77", "x", "99999999999999999999", "0f0e0d0c-0b0a-4908-8706-050403020100", "-0", "1e3", "077")
    source = MAPPING.source.model_copy(update={"table": "others"})
    others = MAPPING.model_copy(update={"source": source})
    for type_ in ("smallint", "integer", "bigint", "uuid", "text", "numeric"):
        mre.execute(f"DROP TABLE IF EXISTS others; CREATE TABLE others (id {type_}, type text)")
        with psycopg.connect(mre.dsn) as connection:
            for value in values:
                condition, params = where(parse(f"id:{value}"), others, {"id": type_})
                query = f"SELECT j.id FROM others AS j WHERE {condition}"
                assert connection.execute(query, params).fetchall() == []  # type: ignore[arg-type]


def test_the_empty_filter_finds_everything() -> None:
    assert not Filter()
    assert Filter().matches({}, "")
    assert where(Filter(), MAPPING) == ("TRUE", {})
