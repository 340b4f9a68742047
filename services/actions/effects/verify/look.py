"""Looks at what an evidence report is about: rows' own columns, objects with size and hash, answers of a service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from services.actions.effects.once import Unheard, sent
from services.errors import ActionError, SourceError
from services.profile import VerifyAction
from services.records.report import LINES, Figure, Line, Word
from services.sources.s3_deleting import Deleting
from services.sources.s3_named import Versions
from services.text import safe

Row = dict[str, Any]
_TOGETHER = 500  # subjects whose objects are looked for in one go
_FINE = 500  # lines on what is as it should be; beyond that they are counted


@dataclass
class Evidence:
    """What was found. A report has everything that is wrong, and of what is right as much as can be read."""

    of: int
    looked: int = 0
    counts: Counter[Word] = field(default_factory=Counter)
    hashed: Counter[str] = field(default_factory=Counter)  # how the hashes were told
    read: int = 0  # bytes
    _wrong: list[Line] = field(default_factory=list)
    _fine: list[Line] = field(default_factory=list)

    def add(self, word: Word, what: str, said: str = "") -> None:
        self.counts[word] += 1
        kept, most = (self._fine, _FINE) if word == "ok" else (self._wrong, LINES)
        if len(kept) < most:
            kept.append(Line(word, what, said))

    @property
    def passed(self) -> bool:
        """Everything was looked at, and everything is as it should be."""
        return self.looked == self.of and not self.counts["failed"] and not self.counts["unknown"]

    def sorted(self) -> list[Line]:
        return [*self._wrong, *self._fine]

    def words(self) -> str:
        names: dict[Word, str] = {"ok": "as they should be", "failed": "not so", "unknown": "not known"}
        parts = [f"{self.counts[word]:,} {said}" for word, said in names.items() if self.counts[word] or word == "ok"]
        return f"{self.looked:,} of {self.of:,} looked at: {', '.join(parts)}"

    def differing(self) -> tuple[str, ...]:
        return tuple(f"{safe(line.what, 160)}: {safe(line.said, 160)}" for line in self._wrong[:20])

    def figures(self) -> dict[str, Figure]:
        counts: dict[str, Figure] = {word: float(self.counts[word]) for word in ("ok", "failed", "unknown")}
        hashes: dict[str, Figure] = {f"hashes, {how}": float(many) for how, many in self.hashed.items()}
        return {"subjects": float(self.of), "looked at": float(self.looked), **counts, **hashes}


@dataclass
class Looking:
    action: VerifyAction
    store: Deleting
    evidence: Evidence
    stopped: Callable[[], bool]

    def at(self, rows: Sequence[Row]) -> None:
        """Blocks. SourceError when the store does not answer at all."""
        action, keys = self.action, [key for row in rows for key in self._keys(row)]
        there = self.store.find(keys, self.store.is_versioned() if action.gone else False) if keys else {}
        for row in rows:
            if self.stopped():
                return
            self._holds(row)
            if action.gone:
                self._gone(row, there)
            if action.there:
                self._there(row, there)
            self.evidence.looked += 1

    def _keys(self, row: Row) -> list[str]:
        gone = list(row[self.action.gone] or ()) if self.action.gone else []
        return gone + ([str(row[self.action.there])] if self.action.there and row[self.action.there] else [])

    def _holds(self, row: Row) -> None:
        for column, words in self.action.holds.items():
            found = row[column]
            word: Word = "unknown" if found is None else "ok" if found is True else "failed"
            self.evidence.add(word, f"{row['title']}: {words}", "" if word == "ok" else f"{column} is {found}")

    def _gone(self, row: Row, there: dict[str, Versions]) -> None:
        keys = list(row[self.action.gone or ""] or ())
        left = [key for key in keys if key in there]
        for key in left:
            kept = sum(not each.marker for each in there[key])
            said = f"still there, {kept} version{'' if kept == 1 else 's'}" if kept else "a delete marker is left of it"
            self.evidence.add("failed" if kept else "ok", f"{row['title']}: object {key}", said)
        self.evidence.add("ok", f"{row['title']}: {len(keys) - len(left):,} of {len(keys):,} objects gone")

    def _there(self, row: Row, there: dict[str, Versions]) -> None:
        key = str(row[self.action.there or ""] or "")
        what = f"{row['title']}: object {key}"
        if key not in there:
            return self.evidence.add("failed", what, "not there" if key else "its row names none")
        size = row[self.action.size] if self.action.size else None
        if size is not None and size != there[key][0].size:
            return self.evidence.add("failed", what, f"{there[key][0].size:,} bytes, recorded are {size:,}")
        if not self.action.sha256:
            return self.evidence.add("ok", what)
        return self._hash(what, key, there[key][0].size, str(row[self.action.sha256] or ""))

    def _hash(self, what: str, key: str, size: int, wanted: str) -> None:
        if not wanted:
            return self.evidence.add("unknown", what, "no hash is recorded of it")
        try:
            how, found = self._told(key, size)
        except SourceError as error:
            return self.evidence.add("unknown", what, error.message)
        if not found:
            why = "beyond the bytes that may be read (`read`), and the store has no SHA-256 of it"
            return self.evidence.add("unknown", what, why)
        self.evidence.hashed[how] += 1
        same = found == wanted.lower()
        said = f"sha256 {how}" if same else f"sha256 {found[:16]}… ({how}), recorded is {wanted[:16]}…"
        return self.evidence.add("ok" if same else "failed", what, said)

    def _told(self, key: str, size: int) -> tuple[str, str]:
        """Read, as long as that is allowed: it alone proves what is there now. Else as the store says it."""
        if self.evidence.read + size <= self.action.read:
            self.evidence.read += size
            return "read", self.store.hashed(key, self.action.read, lambda: not self.stopped())
        return "by the store", self.store.checksum(key)

    async def answers(self, row: Row) -> None:
        """Whether the service answers as it must, for this one."""
        asked = self.action.answers
        if asked is None:
            return None
        url = asked.url
        for column, value in row.items():
            url = url.replace(f"{{{column}}}", quote(str(value), safe=""))
        what = f"{row['title']}: {asked.title}"
        try:
            answer = await sent("GET", url, "the service", asked.timeout, asked.headers)
        except (ActionError, Unheard) as error:
            return self.evidence.add("unknown", what, safe(error, 200))
        word: Word = "ok" if answer.status in asked.status else "failed"
        return self.evidence.add(word, what, f"HTTP {answer.status}")


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for at in range(0, len(rows), _TOGETHER):
        yield rows[at : at + _TOGETHER]
