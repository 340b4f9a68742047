"""Commands as sources: what they exit with, what they print, and what is said when they give no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.errors import ConfigError, SourceError
from services.figures import exists, figure
from services.profile import CommandSource, parse
from services.readings import NamedValues, Unknown
from services.sources.command import Command
from services.sources.perfdata import perfdata

LIMIT = {"limit": {"pattern": r"limit (\d+)"}}


async def ran(script: str, **spec: Any) -> NamedValues:
    return await Command("c", CommandSource(kind="command", argv=("sh", "-c", script), **spec)).fetch()


async def test_that_it_failed_is_its_answer_and_its_first_words_are_told() -> None:
    values = await ran("echo; echo 'schema drift in 2 tables'; exit 2")
    assert figure(values, "figures.exit_code") == 2 and not values.ok and values.said == "schema drift in 2 tables"
    assert exists("command", "figures.exit_code")
    assert (await ran("echo 'on stderr' >&2; exit 1")).said == "on stderr"
    assert (await ran("exit 2", ok=(0, 2))).ok
    assert (await ran("kill -9 $$")).get("exit_code") == -9


async def test_it_is_run_where_and_with_what_the_table_says(tmp_path: Path) -> None:
    values = await ran('pwd; echo "limit $LIMIT_MS"', directory=str(tmp_path), env={"LIMIT_MS": "250"}, figures=LIMIT)
    assert values.said == str(tmp_path) and values.get("limit") == 250


def test_where_a_program_is_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON", "/opt/python")
    table = 'argv = ["${PYTHON}", "--base-url", "${API:-http://127.0.0.1}"]\nenv = { A = "${B:-2}" }'
    head = 'schema = 1\nname = "x"\ntitle = "x"\n[sources.c]\nkind = "command"\n'
    source = parse(f"{head}{table}", "x.toml").sources["c"]
    assert isinstance(source, CommandSource) and source.argv == ("/opt/python", "--base-url", "http://127.0.0.1")
    assert source.env == {"A": "2"}


async def test_figures_are_found_by_pattern_and_one_that_is_not_there_is_unknown() -> None:
    told = {"p95_ms": {"pattern": r"p95=([\d,.]+)"}, "rows": {"pattern": r"^rows (\d+)$"}, "word": {"pattern": "(ok)"}}
    values = await ran("echo 'p95=1,412.5 ms'; echo 'rows 7 ok'", figures=told)
    assert values.get("p95_ms") == 1412.5
    assert str(values.get("rows")).startswith("no data yet: nothing in the output matches")
    assert str(values.get("word")) == "failed: what stands at (ok) is no number"


async def test_figures_are_found_by_a_path_through_json() -> None:
    document = {"a": {"b": [{"c": 4}, {"c": "5.5"}]}, "up": True, "none": None, "nan": "nan"}
    paths = {"first": "a.b.0.c", "last": "a.b.-1.c", "up": "up", "none": "none", "gone": "a.x", "nan": "nan"}
    figures = {name: {"json": path} for name, path in paths.items()}
    values = await ran(f"echo '{json.dumps(document)}'", figures=figures)
    assert [values.get(name) for name in ("first", "last", "up")] == [4, 5.5, 1]
    assert all(isinstance(values.get(name), Unknown) for name in ("none", "gone", "nan"))
    values = await ran("echo 'no json'; exit 1", figures={"x": {"json": "x"}})
    assert "the output is not JSON" in str(values.get("x")) and values.get("exit_code") == 1


async def test_the_figures_of_a_nagios_plugin_are_told_in_our_units() -> None:
    first = "DISK WARNING | /=2643MB;5948;5958;0;5968 'a b'=12%;80"
    script = f"cat <<'EOF'\n{first}\nlong\nx | time=0.5ms;;; n=7c\ny=U\nEOF\nexit 1"
    values = await ran(script, perfdata=True)
    told = {each.key: (each.value, each.unit) for each in values.figures if each.key not in ("exit_code", "took_s")}
    assert told["/"] == (2_643e6, "bytes") and told["a b"] == (0.12, "share")
    assert told["time"] == (0.0005, "s") and told["n"] == (7.0, "count") and isinstance(told["y"][0], Unknown)


def test_perfdata_that_is_none_does_no_harm() -> None:
    assert list(perfdata("no bar at all a=1")) == [] and list(perfdata("")) == []
    assert isinstance(next(perfdata("x | a=1.2.3")).value, Unknown)
    assert len(list(perfdata("x | " + " ".join(f"a{n}=1" for n in range(1_000))))) == 200


async def test_one_that_gives_no_answer_is_a_fault_and_not_a_figure() -> None:
    with pytest.raises(SourceError, match="had not ended after") as caught:
        await ran("echo started; sleep 60", timeout=0.2)
    assert caught.value.kind == "timeout" and "timeout" in caught.value.remedy
    with pytest.raises(SourceError, match="printed more than") as caught:
        await ran("yes", max_bytes=1_000)
    assert caught.value.kind == "limit"
    with pytest.raises(SourceError, match="there is no program"):
        await Command("c", CommandSource(kind="command", argv=("no-such-program",))).fetch()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('argv = "echo hi"', "argv"),
        ("argv = []", "argv"),
        ('argv = ["true"]\n[sources.c.figures.x]\npattern = "(a)(b)"', "the pattern needs one group"),
        ('argv = ["true"]\n[sources.c.figures.x]\npattern = "("', "not a pattern"),
        ('argv = ["true"]\n[sources.c.figures.x]\nunit = "s"', "either `json`, a path, or `pattern`"),
        ('argv = ["x", "${DASHED}"]', "out of the environment would be taken for an option"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(table: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHED", "-oProxyCommand=x")
    head = 'schema = 1\nname = "x"\ntitle = "x"\n[sources.c]\nkind = "command"\n'
    with pytest.raises(ConfigError) as caught:
        parse(head + table, "x.toml")
    assert said in str(caught.value) and "sources.c" in str(caught.value)
