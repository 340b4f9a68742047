"""What the run before left, as the next one goes on from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from services.alerts import Alert
from services.silence import Silence
from services.state import rows
from services.watching.meanwhile import News
from services.watching.notices import Notice, Told
from services.watching.transitions import Transition

T = TypeVar("T")
RECENT_S = 3600.0  # notices that are as old as this, and were not delivered, are not sent any more
TURNS = 500  # transitions that a screen can look back on


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's word that they have an alert in hand."""

    key: str
    at: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """What people said, in this console or in another one on this machine."""

    words: tuple[Word, ...] = ()
    silences: Mapping[str, Silence] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Saved:
    alerts: tuple[tuple[float, Alert], ...] = ()  # when it was last evaluated, in unix seconds
    transitions: tuple[Transition, ...] = ()  # oldest first
    said: Said = field(default_factory=Said)
    told: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))
    notices: tuple[Notice, ...] = ()  # of the last hour: perhaps not delivered everywhere
    delivered: frozenset[tuple[str, str]] = frozenset()  # (notice id, channel)
    meanwhile: Mapping[str, tuple[News, ...]] = field(default_factory=lambda: MappingProxyType({}))


def load(connection: sqlite3.Connection, wall: float) -> Saved:
    ask = connection.execute
    turns = ask(
        "SELECT at, key, episode, state, level, value, said FROM transitions ORDER BY id DESC LIMIT ?", (TURNS,)
    ).fetchall()
    return Saved(
        alerts=tuple(each(ask("SELECT at, alert FROM alerts"), lambda at, text: (at, rows.alert_of(text)))),
        transitions=tuple(each(reversed(turns), transition)),
        said=load_said(connection),
        told=MappingProxyType(
            dict(each(ask("SELECT key, told FROM told"), lambda key, text: (key, rows.told_of(text))))
        ),
        notices=tuple(
            each(ask("SELECT notice FROM notices WHERE at > ? ORDER BY at", (wall - RECENT_S,)), rows.notice_of)
        ),
        delivered=frozenset(ask("SELECT notice, channel FROM deliveries").fetchall()),
        meanwhile=MappingProxyType(
            dict(each(ask("SELECT spell, news FROM meanwhile"), lambda spell, text: (spell, rows.news_of(text))))
        ),
    )


def load_said(connection: sqlite3.Connection) -> Said:
    words = connection.execute("SELECT key, at, by, reason FROM acknowledged ORDER BY at").fetchall()
    silences = each(connection.execute("SELECT silence FROM silences ORDER BY at"), rows.silence_of)
    return Said(tuple(Word(*word) for word in words), MappingProxyType({silence.id: silence for silence in silences}))


def each(found: Iterable[tuple[object, ...]], make: Callable[..., T]) -> Iterator[T]:
    """What can be read of them: one row that an earlier version wrote otherwise does not lose the others."""
    for row in found:
        try:
            yield make(*row)
        except (KeyError, TypeError, ValueError, json.JSONDecodeError):
            continue


def transition(at: float, key: str, episode: str, state: str, level: str, value: str, said: str) -> Transition:
    return Transition(at, key, episode, state, level, rows.value_of(value), said)  # type: ignore[arg-type]
