"""The local audit as it is shown: one entry per action, its intent joined with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from services.actions.journal import Journal, Record
from services.readings import AuditEntry
from services.text import safe

NEWEST = 500
IDS = 100  # per entry; the export has them all


def entries(journal: Journal, limit: int = NEWEST) -> tuple[AuditEntry, ...]:
    """Newest first. An intent without an outcome is unknown."""
    return joined(journal.records())[:limit]


def joined(records: Iterable[Record]) -> tuple[AuditEntry, ...]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(str(record["id"]), []).append(record)
    return tuple(_entry(each) for each in reversed(found.values()))


def _entry(records: list[Record]) -> AuditEntry:
    first, last = records[0], records[-1]
    word = "denied" if last["kind"] == "denied" else last.get("word", "unknown")
    applied = last.get("applied")
    return AuditEntry(
        id=safe(first["id"], 60),
        at=float(first.get("wall", 0.0)),
        actor=safe(first.get("actor", ""), 80),
        action=safe(first.get("action", ""), 80),
        outcome=safe(word, 20),
        rows=applied if isinstance(applied, int) else None,
        reason=safe(first.get("reason", ""), 400),
        summary=safe(last.get("message") or first.get("title", ""), 400),
        way=safe(first.get("way", ""), 20),
        ids=tuple(safe(one, 60) for one in list(first.get("rows", ()))[:IDS]),
        about=safe(", ".join(f"{name} {value}" for name, value in _told(first)), 200),
    )


def _told(intent: Record) -> Iterator[tuple[str, object]]:
    args = intent.get("args")
    if isinstance(args, Mapping):
        yield from ((name, value) for name, value in args.items() if name != "ids")
