"""Readings go into a file and come back equal; what is no recording is told with its line."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import ConfigError
from services.readings import Fault, Reading, Values
from services.readings.metrics import MetricFamily, MetricSample, MetricsValues
from services.recording import FORMAT, Header, decode, encode, read, write, write_header
from services.text import safe
from services.typed import ShapeError
from tests import samples

READINGS = [
    *(
        samples.reading(name, make())
        for name, make in samples.__dict__.items()
        if name.endswith(("healthy", "troubled"))
    ),
    samples.reading("db", samples.postgres()),
    samples.reading("audit", samples.audit()),
    samples.reading("storage", None, fault=Fault("timeout", "no answer", "look there")),
]


def written(*readings: Reading) -> str:
    file = io.StringIO()
    write_header(file, Header(FORMAT, "mre", samples.NOW))
    for reading in readings:
        write(file, reading)
    return file.getvalue()


def test_every_shape_of_reading_comes_back_equal(tmp_path: Path) -> None:
    file = tmp_path / "recording.jsonl"
    file.write_text(written(*READINGS))
    header, found = read(file)
    assert (header.profile, header.at) == ("mre", samples.NOW)
    assert list(found) == READINGS


def test_what_json_has_no_word_for_comes_back_too() -> None:
    series = tuple(MetricSample("x", (), value) for value in (math.inf, -math.inf, math.nan))
    values = MetricsValues("u", series, (MetricFamily("x", "gauge", ()),), None, 3, 9)
    back = decode("", json.loads(json.dumps(encode(values), allow_nan=False)))
    assert isinstance(back, MetricsValues)
    assert [str(sample.value) for sample in back.samples] == ["inf", "-inf", "nan"]


@pytest.mark.parametrize("shape", get_args(Values), ids=lambda shape: shape.__name__)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_anything_of_a_shape_that_its_types_allow_comes_back_equal(shape: type, data: st.DataObject) -> None:
    st.register_type_strategy(str, st.text(max_size=8).map(safe))
    st.register_type_strategy(float, st.floats(allow_nan=False))
    values: Any = data.draw(st.from_type(shape))
    assert decode(shape.__name__, json.loads(json.dumps(encode(values), allow_nan=False))) == values


def test_the_kind_of_source_names_a_shape_too() -> None:
    values = samples.queue_healthy()
    told = encode(values)
    del told["shape"]
    assert decode("queue", told) == values


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line["values"].update(shape="Nothing"), "there is no shape 'Nothing'"),
        (lambda line: line["values"].update(more=1), "HealthValues: HealthValues has no field 'more'"),
        (lambda line: line["values"].pop("checks"), "HealthValues: the field 'checks' is missing"),
        (lambda line: line["values"]["checks"][1].update(status="x"), "checks[1].status: expected int or NoneType"),
        (lambda line: line.update(values=None), "a reading has values or a fault"),
        (lambda line: line.update(mono="soon"), "mono: expected float, found 'soon'"),
    ],
)
def test_a_line_of_another_shape_is_told_with_its_place(tmp_path: Path, change: Any, said: str) -> None:
    first, second = written(samples.reading("api", samples.health_healthy())).splitlines()
    line = json.loads(second)
    change(line)
    file = tmp_path / "bad.jsonl"
    file.write_text(f"{first}\n{json.dumps(line)}\n")
    with pytest.raises(ConfigError) as caught:
        list(read(file)[1])
    assert f"{file}: line 2: " in caught.value.message and said in caught.value.message


@pytest.mark.parametrize("text", ["", "hello\n", "[]\n", '{"recording": 99, "profile": "x", "at": 1.0}\n'])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.jsonl: "):
        read(file)


def test_a_last_line_that_breaks_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl"
    file.write_text(written(*READINGS)[:-20])
    assert list(read(file)[1]) == READINGS[:-1]


def test_what_a_terminal_would_act_on_is_made_safe() -> None:
    told = encode(samples.health_healthy())
    told["base_url"] = "red \x1b[31m"
    values = decode("http", told)
    assert getattr(values, "base_url", "") == "red \\x1b[31m"
    with pytest.raises(ShapeError, match=r"found '\\x1b\[31m'"):
        decode("http", {**told, "checks": "\x1b[31m"})
