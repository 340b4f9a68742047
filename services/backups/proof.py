"""What a restored database is held against, line by line: its dump's sum, its manifest, the deletions, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.backups.connection import rows
from services.backups.count import counted, differences
from services.backups.feed import Fed
from services.backups.kept import Kept
from services.backups.manifest import Manifest
from services.backups.pour import Meter
from services.compare import COMPARE
from services.profile.backups import DeletionLedger, Smoke
from services.records.report import Line
from services.text import safe

if TYPE_CHECKING:
    from services.backups.connection import Connection

MARGIN_S = 3600.0  # before the dump: a deletion that was under way then. Doing it twice harms nothing.
_COMPLAINTS = 5  # told one by one

Figures = dict[str, float | str | None]


def summed(kept: Kept, meter: Meter) -> Iterator[Line]:
    """Whether what was read is what was written."""
    if kept.manifest is None:
        return
    wanted, found = kept.manifest, meter
    if wanted.key != kept.name:
        yield Line("failed", "manifest", f"it is that of {wanted.key}: one dump was put in the place of another")
    if found.size != wanted.bytes:
        yield Line("failed", "size of the dump", f"{found.size:,} bytes, and the manifest says {wanted.bytes:,}")
    elif found.sha256 != wanted.sha256:
        yield Line("failed", "checksum of the dump", "it is not the manifest's: the dump was changed or damaged")
    else:
        yield Line("ok", "checksum of the dump", wanted.sha256)


def complained(ran: Fed, tolerated: Sequence[str]) -> Iterator[Line]:
    """Whether the program restored everything. It ends with 1 for what it could not, tolerated or not."""
    patterns = [re.compile(pattern) for pattern in tolerated]
    wrong = [said for said in ran.complaints if not any(pattern.search(said) for pattern in patterns)]
    if ran.fault:
        yield Line("failed", "reading the dump", ran.fault)
    elif ran.code and (wrong or not ran.complaints):
        yield Line("failed", "restoring", ": ".join((f"exit code {ran.code}", *wrong[:1])))
        yield from (Line("failed", "restoring", said) for said in wrong[1:_COMPLAINTS])
    else:
        told = f"{len(ran.complaints)} complaints, all tolerated by the profile" if ran.complaints else "exit code 0"
        yield Line("ok", "restoring", told)


async def compared(inside: Connection, manifest: Manifest, figures: Figures) -> list[Line]:
    """Every table of the manifest, by its rows and their sum."""
    found = await counted(inside, manifest.tables)
    differing = differences(manifest.tables, found)
    figures["tables"], figures["differing"] = len(manifest.tables), len(differing)
    figures["rows"] = sum(table.rows for table in found.values())
    return [
        Line("failed", name, differing[name])
        if name in differing
        else Line("ok", name, f"{was.rows:,} rows, as they were dumped: sum {was.sum}")
        for name, was in manifest.tables.items()
    ]


async def deleted(
    inside: Connection, live: Connection, ledger: DeletionLedger, since: float, figures: Figures
) -> list[Line]:
    """What was deleted after the dump is deleted here too, as it must be after a restore in earnest."""
    from psycopg import Error

    what = "deletions since the dump"
    try:
        asked = {"since": datetime.fromtimestamp(since - MARGIN_S, UTC)}
        ids = [str(next(iter(row.values()))) for row in await rows(live, ledger.ids, asked)]
        for statement in ledger.apply:
            await rows(inside, statement, {"ids": ids})
        [left] = await rows(inside, ledger.left, {"ids": ids})
    except Error as error:
        return [Line("unknown", what, _said(error))]
    figures["deletions"] = len(ids)
    count = int(next(iter(left.values())) or 0)
    if count:
        return [Line("failed", what, f"{len(ids):,} applied, and {count:,} rows of them are still there")]
    return [Line("ok", what, f"{len(ids):,} applied, and nothing of them is there any more")]


async def smoked(inside: Connection, questions: Mapping[str, Smoke]) -> list[Line]:
    return [await _answered(inside, smoke) for smoke in questions.values()]


async def _answered(inside: Connection, smoke: Smoke) -> Line:
    from psycopg import Error

    try:
        found = await rows(inside, smoke.query)
        value = float(next(iter(found[0].values())))
    except Error as error:
        return Line("failed", smoke.title, _said(error))
    except (IndexError, TypeError, ValueError, StopIteration):
        return Line("failed", smoke.title, "the answer is no number")
    return Line(
        "ok" if COMPARE[smoke.op](value, smoke.value) else "failed",
        smoke.title,
        f"{value:,.6g}, and should be {smoke.op} {smoke.value:,.6g}",
    )


def _said(error: Exception) -> str:
    diagnosis = getattr(error, "diag", None)
    return safe((diagnosis and diagnosis.message_primary) or error, 300)
