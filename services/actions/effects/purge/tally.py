"""What became of each object and each row of a manifest: every one is counted exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from services.records.report import Line
from services.text import safe

# deleted: by us, and proven gone. gone: it was not there any more. changed: it, or its row, is not as it was confirmed.
# blocked: the store refuses. unsure: asked for, and nobody knows. left: its turn did not come, or failed.
Fate = Literal["deleted", "gone", "changed", "blocked", "unsure", "left"]
# removed: by us. gone: it was not there any more. kept: something of it is still there, or it is no longer due.
RowFate = Literal["removed", "gone", "kept", "unsure", "left"]
FATES: tuple[Fate, ...] = ("deleted", "gone", "changed", "blocked", "unsure", "left")
ROW_FATES: tuple[RowFate, ...] = ("removed", "gone", "kept", "unsure", "left")
_GOOD = ("deleted", "gone", "removed")


@dataclass
class Tally:
    objects: Counter[Fate] = field(default_factory=Counter)
    rows: Counter[RowFate] = field(default_factory=Counter)
    bytes: int = 0  # deleted
    remarks: list[Line] = field(default_factory=list)  # on everything that is not gone, and why

    def object(self, fate: Fate, key: str, why: str = "", size: int = 0) -> None:
        self.objects[fate] += 1
        if fate == "deleted":
            self.bytes += size
        elif fate != "gone":
            self.remarks.append(Line("unknown" if fate == "unsure" else "failed", f"object {key}", f"{fate}: {why}"))

    def row(self, fate: RowFate, name: str, why: str = "") -> None:
        self.rows[fate] += 1
        if fate not in _GOOD:
            self.remarks.append(Line("unknown" if fate == "unsure" else "failed", name, f"{fate}: {why}"))

    def rest(self, objects: int, rows: int) -> None:
        """What was not come to: counted, and not listed one by one."""
        self.objects["left"] += objects - self.objects.total()
        self.rows["left"] += rows - self.rows.total()

    @property
    def complete(self) -> bool:
        """Nothing is left of it."""
        return not any(self.objects[fate] for fate in FATES if fate not in _GOOD) and not any(
            self.rows[fate] for fate in ROW_FATES if fate not in _GOOD
        )

    @property
    def anything(self) -> bool:
        """Whether it changed anything, or may have."""
        return bool(self.objects["deleted"] or self.objects["unsure"] or self.rows["removed"] or self.rows["unsure"])

    def words(self) -> str:
        """ "10,000 objects: 9,998 deleted, 2 blocked; 10,000 rows: 9,998 removed, 2 kept": the parts are the whole."""
        objects = _parts((fate, self.objects[fate]) for fate in FATES)
        rows = _parts((fate, self.rows[fate]) for fate in ROW_FATES)
        return f"{self.objects.total():,} objects: {objects}; {self.rows.total():,} rows: {rows}"

    def differing(self, first: int = 20) -> tuple[str, ...]:
        return tuple(f"{safe(line.what, 120)} {safe(line.said, 160)}" for line in self.remarks[:first])

    def figures(self) -> dict[str, float | str | None]:
        told: dict[str, float | str | None] = {f"objects {fate}": float(self.objects[fate]) for fate in FATES}
        return {**told, **{f"rows {fate}": float(self.rows[fate]) for fate in ROW_FATES}, "bytes": float(self.bytes)}


def _parts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{many:,} {fate if fate != 'gone' else 'gone before'}" for fate, many in counts if many) or "none"
