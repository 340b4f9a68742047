"""Rules that can never fire, never end or never be told are refused before they run, each with what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.errors import ConfigError
from services.lint.rules import rules
from services.profile import Profile, parse

SOURCES = {
    "api": {"kind": "prometheus", "url": "http://x/metrics", "interval": "15s"},
    "prom": {"kind": "promql", "url": "http://x", "queries": {"lag": "x"}},
    "db": {"kind": "postgres", "dsn": "dbname=x", "interval": "5s"},
    "jobs": {"kind": "queue", "database": "db", "preset": "mre", "interval": "2s"},
    "health": {"kind": "http", "url": "http://x", "paths": ["/"]},
    "slo": {"kind": "json", "url": "http://x", "figures": {"availability": "a.b"}},
}
ALL = {"metric": "http_requests_total"}
BAD = {**ALL, "match": {"status": "~5.."}}
RATIO = {"kind": "ratio", "source": "api", "bad": BAD, "all": ALL, "value": 0.05}
QUANTILE = {"kind": "quantile", "source": "api", "histogram": "t_seconds", "q": 0.95, "value": 0.8}
BASELINE = {"kind": "baseline", "source": "api", "metric": "logins_total", "factor": 3, "floor": 1}
GROWTH = {"kind": "growth", "source": "jobs", "figure": "total.waiting"}
DEPTH = {"source": "jobs", "figure": "types.*.waiting", "value": 100}
POOL = {"source": "db", "figure": "saturation", "value": 0.8}


def profile(**tables: dict[str, Any]) -> Profile:
    data = {
        "schema": 1,
        "name": "mine",
        "title": "Mine",
        "sources": SOURCES,
        "rules": {name: {"title": "x", **rule} for name, rule in tables.items()},
    }
    return Profile.model_validate(data, strict=False)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (POOL | {"value": 1.0}, "value: saturation is a share between 0 and 1, so this never fires"),
        (POOL | {"op": "<", "value": 0}, "value: saturation is a share"),
        (RATIO | {"value": 5}, "value: http_requests_total is a share"),
        (DEPTH | {"value": 20_000}, "value: counts of jobs stop at 10,000, so that > 20000 cannot be told"),
        (POOL | {"clear": 0.9}, "clear: 0.9 is on the bad side of > 0.8"),
        (POOL | {"op": "<", "clear": 0.5}, "clear: 0.5 is on the bad side of < 0.8"),
        (
            {"source": "jobs", "figure": "stale_count", "warn": {"value": 9}, "page": {"value": 5}},
            "page: at 5 it comes before warn at 9",
        ),
        (
            {"source": "jobs", "figure": "stale_count", "warn": {"value": 5}, "page": {"value": 9, "op": "<"}},
            "page: it compares by <, and warn by >",
        ),
        (
            POOL | {"value": None, "page": {"value": 0.9, "severity": "P1"}},
            "severity: 'P1' is not one of SEV1",
        ),
        ({"kind": "age", "source": "db", "figure": "started_at", "unit": "s", "value": "1h"}, "unit: started_at is a"),
        ({"kind": "age", "source": "jobs", "figure": "total.oldest_wait_s", "value": 9}, "unit: oldest_wait_s is in"),
        (BASELINE | {"floor": None}, "floor: without one"),
        (BASELINE | {"op": "<"}, "op: `direction` says which way"),
        (BASELINE | {"min_events": 5}, "min_events: a rule of kind baseline counts no events"),
        (DEPTH | {"min_events": 5}, "min_events: `events` does not say of what"),
        (DEPTH | {"window": "5m"}, "window: `over` does not say what of it"),
        (POOL | {"events": "x.*.y", "min_events": 5}, "events: `*` stands for what it stands for in `figure`"),
        (GROWTH | {"op": "<"}, "op: a rule of kind growth compares with no number"),
        (GROWTH | {"window": "12m"}, "part: 12 m are not 2 or more whole parts of 5 m"),
        (GROWTH | {"window": "10s", "part": "5s"}, "part: in 5 s are fewer than 4 polls, one each 2 s"),
        (RATIO | {"window": "30s"}, "window: in 30 s are fewer than 4 polls, one each 15 s"),
        (POOL | {"over": "p95", "window": "19s"}, "window: in 19 s are fewer than 4 polls"),
        (
            {"kind": "burn", "source": "api", "bad": BAD, "all": ALL, "objective": 0.999}
            | {"page": {"pairs": [{"factor": 14.4, "long": "1h", "short": "45s"}]}},
            "pairs.short: in 45 s are fewer than 4 polls",
        ),
        (QUANTILE | {"window": "7h"}, "window: scrapes are kept for 6 h"),
        (POOL | {"over": "max", "window": "2d"}, "window: in 2 d are more than 5,000 polls, one each 5 s"),
        (RATIO | {"source": "health"}, "source: health is of kind http: this rule needs a page of metrics"),
        (RATIO | {"source": "prom"}, "over what a Prometheus server answers, a threshold"),
        (QUANTILE | {"histogram": "t_seconds_bucket"}, "histogram: by its name without _bucket: 't_seconds'"),
        (QUANTILE | {"by": ["le"]}, "by, match: `le` tells the buckets of one histogram apart"),
        (BASELINE | {"metric": "process_open_fds"}, "metric: process_open_fds goes up and down: it has no rate"),
        (RATIO | {"by": ["status"]}, "by: `bad` is chosen by status"),
        (RATIO | {"bad": ALL}, "bad: it is the same as `all`"),
        (DEPTH | {"source": "db"}, "figure: postgres sources report no figure 'types.*.waiting'"),
        ({"source": "slo", "figure": "figures.latency", "value": 1}, "[sources.slo] has no figure 'latency'; it has"),
        ({"source": "prom", "figure": "figures.lga{*}", "value": 1}, "[sources.prom] has no figure 'lga'; it has lag"),
        (POOL | {"inhibited_by": ["nothing"]}, "inhibited_by: no rule is named 'nothing', and it is not silent-SOURCE"),
    ],
)
def test_a_rule_that_cannot_do_what_it_says_is_named(rule: dict[str, Any], problem: str) -> None:
    found = list(rules(profile(mine={key: value for key, value in rule.items() if value is not None})))
    assert any(line.startswith("[rules.mine] ") and problem in line for line in found), found


GOOD = {
    "depth": DEPTH | {"clear": 80, "inhibited_by": ["silent-db", "pool"]},
    "pool": {"source": "db", "figure": "saturation", "warn": {"value": 0.8}, "page": {"value": 0.9}},
    "slow-pool": POOL | {"over": "p95", "window": "10m"},
    "ratio": RATIO | {"by": ["service"], "min_events": 50},
    "quantile": QUANTILE,
    "growth": GROWTH,
    "baseline": BASELINE,
    "volume": {"kind": "baseline", "source": "jobs", "figure": "total.per_minute", "factor": 3, "floor": 5},
    "absent": {"kind": "absent", "source": "api", "metric": "process_open_fds"},
    "age": {"kind": "age", "source": "db", "figure": "started_at", "value": "30d"},
    "burn": {"kind": "burn", "source": "api", "bad": BAD, "all": ALL, "objective": 0.999},
    "change": {"kind": "change", "source": "health", "figure": "checks./.version", "window": "7d"},
    "lag": {"source": "prom", "figure": "figures.lag{*}", "value": 30},
}


def test_rules_of_every_kind_that_say_something_pass() -> None:
    assert list(rules(profile(**GOOD))) == []


def test_rules_that_keep_each_other_quiet_are_named_once_with_the_way_round() -> None:
    circle = {
        name: POOL | {"inhibited_by": [cause]} for name, cause in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    }
    assert list(rules(profile(**circle))) == ["[rules.a] inhibited_by: it goes round in a circle: a <- b <- c <- a"]
    assert "a <- a" in next(rules(profile(a=POOL | {"inhibited_by": ["a"]})))


def test_the_file_the_table_and_the_key_are_told_without_the_kind_between_them() -> None:
    text = """
        schema = 1
        name = "mine"
        title = "Mine"
        [sources.db]
        kind = "postgres"
        dsn = "x"
        [rules.old]
        title = "Old"
        kind = "age"
        source = "db"
        figure = "started_at"
        value = "soon"
        [rules.full]
        title = "Full"
        source = "db"
        figure = "saturation"
        [rules.full.warn]
        value = 0.8
        claer = 0.7
    """
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.toml")
    assert caught.value.message.splitlines() == [
        "f.toml: [rules.old] value: 'soon' is not a duration like '30s', '5m' or '1h30m'",
        "f.toml: [rules.full.warn] claer: unknown key",
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (POOL | {"when": {"tz": "Europe/Lundon"}}, "there is no time zone 'Europe/Lundon'"),
        (POOL | {"when": {"days": [0]}}, "days go from 1, Monday, to 7, Sunday: 0 is none"),
        (POOL | {"when": {"hours": "9-17"}}, 'is not like "09:00-17:30"'),
        (POOL | {"for": -5}, "a duration is not negative"),
        (POOL | {"warn": {"value": 1}}, "either one level written flat (`value`), or [warn] and [page]"),
        ({"source": "db", "figure": "saturation"}, "a threshold is missing"),
        (GROWTH | {"value": 3}, "this kind compares with no number"),
        (RATIO | {"bad": {"metric": "x", "match": {"a": "~["}}}, "a: '~[' is not a pattern"),
        (BASELINE | {"figure": "x"}, "it is about one thing"),
        (BASELINE | {"factor": 1}, "greater than 1"),
        (POOL | {"kind": "treshold"}, "there is no such kind of rule; there are threshold, ratio"),
        (
            {"kind": "burn", "source": "api", "bad": BAD, "all": ALL, "objective": 0.999}
            | {"warn": {"pairs": [{"factor": 1, "long": "1h", "short": "2h"}]}},
            "`short` must be shorter than `long`",
        ),
    ],
)
def test_what_is_malformed_is_refused_with_its_table(rule: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        profile(mine=rule)
    (error,) = caught.value.errors()
    assert error["loc"][:2] == ("rules", "mine") and problem in error["msg"], error
