"""How each thing is written: what the statement is, and what the rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.alerts import Alert
from services.silence import Silence
from services.state import rows
from services.state.saved import Word
from services.state.writer import Write
from services.watching.meanwhile import News
from services.watching.notices import Notice, Told
from services.watching.transitions import Transition


def alerts(found: Iterable[Alert], wall: float) -> Write:
    kept = [(alert.key, wall, rows.alert_text(alert)) for alert in found]
    return Write("INSERT OR REPLACE INTO alerts VALUES (?, ?, ?)", kept)


def no_alerts(keys: Iterable[str]) -> Write:
    return Write("DELETE FROM alerts WHERE key = ?", [(key,) for key in keys])


def transitions(found: Iterable[Transition]) -> Write:
    turns = [(t.at, t.key, t.episode, t.state, t.level, rows.value_text(t.value), t.said) for t in found]
    return Write(
        "INSERT INTO transitions (at, key, episode, state, level, value, said) VALUES (?, ?, ?, ?, ?, ?, ?)", turns
    )


def told(before: Mapping[str, Told], after: Mapping[str, Told], wall: float) -> tuple[Write, Write]:
    changed = [(key, wall, rows.told_text(now)) for key, now in after.items() if before.get(key) != now]
    return (
        Write("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", changed),
        Write("DELETE FROM told WHERE key = ?", [(key,) for key in before if key not in after]),
    )


def notices(found: Iterable[Notice]) -> Write:
    kept = [(notice.id, notice.at, rows.notice_text(notice)) for notice in found]
    return Write("INSERT OR IGNORE INTO notices VALUES (?, ?, ?)", kept)


def meanwhile(
    before: Mapping[str, tuple[News, ...]], after: Mapping[str, tuple[News, ...]], wall: float
) -> tuple[Write, Write]:
    changed = [(spell, wall, rows.news_text(news)) for spell, news in after.items() if before.get(spell) != news]
    return (
        Write("INSERT OR REPLACE INTO meanwhile VALUES (?, ?, ?)", changed),
        Write("DELETE FROM meanwhile WHERE spell = ?", [(spell,) for spell in before if spell not in after]),
    )


def word(said: Word) -> Write:
    row = (said.key, said.at, said.by, said.reason)
    return Write("INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?, ?)", [row], shared=True)


def silence(said: Silence) -> Write:
    row = (said.id, said.at, said.until, rows.silence_text(said))
    return Write("INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?)", [row], shared=True)


def delivery(notice: str, channel: str, wall: float) -> Write:
    return Write("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)", [(notice, channel, wall)])
