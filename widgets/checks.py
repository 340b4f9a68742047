"""What was tried and how it went, whatever it was: commands, files, certificates, ports, Redis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.readings import (
    Certificate,
    HealthCheck,
    HealthValues,
    NamedValues,
    RedisValues,
    SourceState,
    TlsValues,
    Values,
    number,
)
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import age, duration, figure, size, span
from widgets.lines import Segment
from widgets.silent import silent_row
from widgets.table import Table
from widgets.verdict import SHAPES, Grade, verdict

SOON_DAYS = 21.0  # only a hint to the eye: the rules judge

_COLUMNS = (
    Column("state", "State", 11),
    Column("check", "Check", "1fr", least=18),
    Column("says", "Says", "2fr", least=20),
    Column("figure", "", 10, "right", drop=1),
    Column("age", "Asked", 6, "right", drop=3),
    Column("source", "Source", 12, "left", "dim", drop=2),
)
_ORDER: tuple[Grade, ...] = ("bad", "unknown", "warn", "good")


@dataclass(frozen=True, slots=True)
class Check:
    """Anything tried, as it is told in a row."""

    grade: Grade
    word: str
    what: str
    says: str
    figure: Segment = ("", "")
    by: str = ""  # what was run or looked for, where that is not its name


@dataclass(frozen=True, slots=True)
class Tried:
    """What the profile and the rules say of a source."""

    kind: str
    title: str = ""
    firing: str = ""  # of an alert: a backup that is there and too old is not well because it is there


def checks(states: Sequence[SourceState], tried: Mapping[str, Tried], mono: float) -> Table:
    """One row per thing tried, what failed first."""
    rows = [row for state in states for row in _rows(state, tried.get(state.source, Tried("")), mono)]
    rows.sort(key=lambda row: row.sort[0])
    return Table(_COLUMNS, tuple(rows), "nothing was tried yet")


def _rows(state: SourceState, tried: Tried, mono: float) -> Iterator[Row]:
    if row := silent_row(state, mono, len(_COLUMNS)):
        yield row
    values = state.good.values if state.good else None
    asked = age(state.age_s(mono))
    for found in _of(values, tried) if values else ():
        check = found
        if tried.firing and found.grade == "good":
            check = replace(found, grade="bad", word="alert", says=f"{tried.firing} · {found.says}")
        cells = (
            (f"{SHAPES[check.grade]} {check.word}", check.grade),
            *(
                check.what,
                (check.says, "" if check.grade == "good" else check.grade),
                check.figure,
                asked,
                state.source,
            ),
        )
        order = (_ORDER.index(check.grade), check.what, check.says, None, None, state.source)
        fields = {"state": check.word, "check": check.what, "says": check.says, "source": state.source}
        yield Row(f"{state.source}/{check.what}", cells, order, fields, check)


def _of(values: Values, tried: Tried) -> Iterator[Check]:
    match values:
        case NamedValues():
            found = _files(values) if tried.kind == "files" else _command(values)
            # an argument list is seldom read to where it says what it is about
            yield replace(found, what=tried.title, by=values.about) if tried.title else found
        case TlsValues():
            yield from map(_certificate, values.certificates)
        case HealthValues():
            yield from map(_port, values.checks)
        case RedisValues():
            yield _redis(values)


def _command(values: NamedValues) -> Check:
    code, took = values.get("exit_code"), values.get("took_s")
    word = "passed" if values.ok else f"exit {figure(code)[0]}" if code is not None else "failed"
    return Check(
        "good" if values.ok else "bad", word, values.about, values.said, span(took) if took is not None else ("", "")
    )


def _files(values: NamedValues) -> Check:
    newest = values.get("newest_age_s")
    told = span(newest) if newest is not None else ("?", "unknown")
    return Check("good" if values.ok else "bad", "there" if values.ok else "missing", values.about, values.said, told)


def _certificate(found: Certificate) -> Check:
    days = number(found.days_left)
    if found.fault or days is None:
        return Check("unknown", "unread", found.address, found.fault.message if found.fault else str(found.days_left))
    says = found.said or f"{found.subject}, by {found.issuer}"
    grade: Grade = "bad" if days <= 0 or found.trusted == 0 else "warn" if days < SOON_DAYS else "good"
    word = (
        "expired" if days <= 0 else "refused" if found.trusted == 0 else "trusted" if grade == "good" else "ends soon"
    )
    return Check(grade, word, found.address, says, (f"{days:.0f} days", "" if grade == "good" else grade))


def _port(check: HealthCheck) -> Check:
    says = check.fault.message if check.fault else check.body or "connected"
    return Check(
        "good" if check.ok else "bad",
        "open" if check.ok else "closed",
        check.path,
        says,
        (duration(check.latency_s), ""),
    )


def _redis(values: RedisValues) -> Check:
    role = {"master": "primary", "slave": "replica"}.get(values.role, values.role or "Redis")
    clients, memory = figure(values.connected_clients, "clients")[0], size(values.used_memory)[0]
    cut_off = values.link_up == 0
    says = f"{role} {values.version}, {clients}, {memory}" + (", cut off from its primary" if cut_off else "")
    grade: Grade = "bad" if cut_off else "good"
    return Check(grade, "cut off" if cut_off else "answers", values.address, says, (duration(values.ping_s), ""))


def detail(check: Check, source: str) -> Facts:
    """The check under the cursor, whole."""
    head = verdict(check.grade, f"{check.what}: {check.word}"), ((check.says, ""),)
    return Facts(head, (("by", check.by), ("source", source)))
