"""What others judge: what fires first, why nobody is told of the rest, and who does not answer."""

from __future__ import annotations

from dataclasses import replace

from services.readings import Fault, HeldAlert, SourceState, Unknown, Values
from tests import samples
from tests.samples_elsewhere import alertmanager, prometheus
from widgets import elsewhere
from widgets.lines import text_of
from widgets.pane import Content

NOW, MONO = samples.NOW, samples.MONO


def state(name: str, values: Values | None, fault: Fault | None = None) -> SourceState:
    found = SourceState(name, 5.0)
    for reading in ([samples.reading(name, values)] if values else []) + (
        [samples.reading(name, None, fault=fault)] if fault else []
    ):
        found = found.with_reading(reading)
    return found


def lines(content: Content, width: int = 180) -> list[str]:
    return [" ".join(text_of(row).split()) for row in content.lines(width, 40)]


def test_what_fires_stands_first_and_what_is_suppressed_says_why() -> None:
    table = elsewhere.alerts([state("am", alertmanager()), state("prom", prometheus())], MONO, NOW)
    assert lines(table)[1:] == [
        "✖ firing am Full page 10 m ago disk=a disk a is full",
        "▲ pending prom Late warn 30 s ago job=web too late",
        "◇ suppressed am Filling warn because of another alert",
        "◇ suppressed am Slow 10 m ago db=x silenced by bob for 60 m more: moving it",
        "am has 1,400 more",
        "m silences one that an Alertmanager tells of",
    ]
    assert [row.key for row in table.rows if isinstance(row.data, HeldAlert)] == ["am f1", "am f3", "am f2"]


def test_silences_in_force_stand_before_those_that_begin_later() -> None:
    table = elsewhere.silences([state("am", alertmanager())], MONO, NOW)
    assert lines(table)[1:] == [
        '● in force am alertname="Slow" in 60 m bob moving it',
        '● in force am db="x" in 60 s eve too loud',
        '○ pending am team=~"a|b" in 2 h bob tonight',
    ]


def test_who_does_not_answer_is_not_taken_for_quiet() -> None:
    gone = state("am", alertmanager(), Fault("unreachable", "am:9093: connection refused"))
    refused = state("prom", replace(prometheus(), alerts=Unknown("failed", "prom:9090: answered 500")))
    told = lines(elsewhere.alerts([gone, refused, state("new", None)], MONO, NOW))
    assert told[1].startswith("? stale") and told[1].endswith("am am:9093: connection refused")
    assert told[2:4] == ["? unknown prom prom:9090: answered 500", "? loading new no answer yet"]
    assert told[4].startswith("✖ firing am Full")  # as far as is known
    quiet = replace(alertmanager(), alerts=(), firing=0, suppressed=0)
    assert lines(elsewhere.alerts([state("am", quiet)], MONO, NOW)) == ["nothing fires there"]
    assert lines(elsewhere.silences([gone], MONO, NOW))[1].startswith("? stale")


def test_when_it_is_narrow_the_state_and_the_alert_stay() -> None:
    told = lines(elsewhere.alerts([state("am", alertmanager())], MONO, NOW), 44)
    assert told[1] == "✖ firing Full page"
