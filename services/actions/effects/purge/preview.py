"""The preview of a purge: what is due, with its objects as the bucket has them now, frozen into a manifest."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.actions.effects.purge import sql as purge_sql
from services.actions.environment import Asks
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.manifest import Entry, Manifest
from services.actions.plan import Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.sources.s3_named import Version, Versions
from services.text import safe

if TYPE_CHECKING:
    from services.actions.effects.purge.effect import Purge

FIRST = 20
Row = dict[str, Any]


async def look_up(purge: Purge, request: Request, db: Asks, site: Site) -> Found:
    """ActionError when nothing is due, or when the manifest that shall be gone on with is not there."""
    args = request.args
    if unknown := set(args) - {"most", "resume"}:
        raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there are: most=100, resume=MANIFEST")
    if "resume" in args:
        manifest = await asyncio.to_thread(purge.manifests.load, args["resume"])
        purge.insist_on_its_place(manifest, site.identity)
        return _found(purge, manifest, await _remaining(purge, manifest, db), manifest.entries, {}, None)
    rows = await _due(purge, _most(purge, args.get("most", "")), db)
    if not any(rows.values()):
        raise ActionError(f"{purge.action.title}: nothing is due", "there is nothing to do")
    totals = {kind: (await db.rows(purge_sql.counted(purge.action.kinds[kind])))[0] for kind in rows}
    entries = await purge.with_store(lambda: _entries(purge, rows))
    manifest = await asyncio.to_thread(purge.manifests.write, purge.about(site.identity), entries)
    rest = max(0, sum(total["due"] for total in totals.values()) - len(entries))
    whole = sum(total["rows"] for total in totals.values() if total["rows"])
    notes = {(name, row["id"]): row for name, kind in rows.items() for row in kind}
    found = _found(purge, manifest, rest, entries, notes, len(entries) / whole if whole else None)
    # Ten thousand objects of a slow store take longer than a preview lives; each is looked at again in its turn.
    [now] = await db.rows("SELECT extract(epoch FROM clock_timestamp())::float8 AS now")
    return replace(found, taken_at=now["now"])


def _most(purge: Purge, given: str) -> int:
    bound = purge.action.most
    if given and not (given.isascii() and given.isdecimal() and 1 <= int(given) <= bound):
        raise ActionError(f"most: {safe(given, 40)!r} is not a number from 1 to {bound:,}", "most=100")
    return int(given) if given else bound


async def _due(purge: Purge, most: int, db: Asks) -> dict[str, list[Row]]:
    """By kind and oldest first, as many as one confirmation may be about: rows, and the objects that they name."""
    found: dict[str, list[Row]] = {}
    rows_left = keys_left = most
    for name, kind in purge.action.kinds.items():
        rows = await db.rows(purge_sql.due(kind), {"most": rows_left}) if rows_left else []
        taken: list[Row] = []
        for row in rows[:rows_left]:
            keys_left -= len(row["objects"] or ())
            if keys_left < 0 and (taken or found):
                break
            taken.append(row)
        found[name] = taken
        rows_left = 0 if keys_left <= 0 else rows_left - len(taken)
    return {name: rows for name, rows in found.items() if rows}


def _entries(purge: Purge, rows: dict[str, list[Row]]) -> list[Entry]:
    """Sorted by their keys within each kind: a turn's objects lie side by side, and are listed together."""
    keys = [key for kind in rows.values() for row in kind for key in row["objects"] or ()]
    purge.insist_on_prefixes(keys)
    there = purge.store.find(keys, purge.all_versions())
    entries = [
        Entry(name, row["id"], row["seen"], _objects(row["objects"] or (), there))
        for name, kind in rows.items()
        for row in sorted(kind, key=lambda row: (row["objects"] or [""])[0])
    ]
    return _bounded(purge, entries)


def _objects(keys: Sequence[str], there: dict[str, Versions]) -> Versions:
    return tuple(each for key in keys for each in there.get(key) or (Version(key),))


def _bounded(purge: Purge, entries: list[Entry]) -> list[Entry]:
    """Old versions count as objects too: no more of them than one confirmation may be about."""
    objects = 0
    for at, entry in enumerate(entries):
        objects += len(entry.objects)
        if objects > purge.action.most and at:
            return entries[:at]
    return entries


async def _remaining(purge: Purge, manifest: Manifest, db: Asks) -> int:
    """How many of its rows are still there."""
    left = 0
    for name, kind in purge.action.kinds.items():
        seen = {entry.id: dict(entry.seen) for entry in manifest.entries if entry.kind == name}
        if seen:
            params = {"ids": list(seen), "seen": json.dumps(seen)}
            left += len(await db.rows(purge_sql.standing(kind), params))
    return left


def _found(
    purge: Purge,
    manifest: Manifest,
    rest: int,
    entries: Sequence[Entry],
    notes: dict[tuple[str, str], Row],  # by kind and id
    share: float | None,
) -> Found:
    resumed = not notes
    kinds = Counter(purge.action.kinds[entry.kind].title for entry in entries)
    return Found(
        targets=tuple(_target(purge, entry, notes.get((entry.kind, entry.id))) for entry in entries[:FIRST]),
        total=len(entries),
        matching=len(entries) + (0 if resumed else rest),
        per_type=dict(kinds),
        table_share=share,
        changes=_changes(purge, manifest),
        reversible=False,
        name=purge.bucket,
        warnings=_warnings(purge, manifest, rest if resumed else None),
        detail={"frozen": manifest.frozen(), "digest": digest(purge)},
    )


def _target(purge: Purge, entry: Entry, row: Row | None) -> Target:
    size = sum(each.size for each in entry.objects)
    objects = (
        f"{len(entry.objects)} object{'' if len(entry.objects) == 1 else 's'}, {size:,} B" if entry.objects else ""
    )
    return Target(
        id=entry.id,
        label=safe(row["label"], 80) if row and row["label"] else safe(", ".join(entry.keys), 80),
        type=purge.action.kinds[entry.kind].title,
        state=objects,
        note=f"due {ago(row['age'])}" if row and row["age"] is not None else "",
    )


def _changes(purge: Purge, manifest: Manifest) -> tuple[str, ...]:
    size = f"{manifest.bytes / 1e6:,.1f} MB" if manifest.bytes >= 1e5 else f"{manifest.bytes:,} B"
    return (
        f"deletes {manifest.objects:,} objects, {size}, from the bucket {purge.bucket}",
        f"then their {len(manifest.entries):,} rows, only where every object is proven gone",
        f"manifest {manifest.id}, sha256 {manifest.sha256[:16]}…",
    )


def _warnings(purge: Purge, manifest: Manifest, left: int | None) -> tuple[str, ...]:
    found = []
    gone = sum(1 for entry in manifest.entries for each in entry.objects if not each.etag and not each.marker)
    if left is not None:
        found.append(
            f"goes on with the manifest {manifest.id}: {left:,} of its {len(manifest.entries):,} rows are left"
        )
    if purge.action.versions == "marker":
        found.append("in a bucket with versions only a delete marker is set: what is below it stays readable")
    if gone:
        found.append(f"{gone:,} of the objects are gone already")
    return tuple(found)


def digest(purge: Purge) -> str:
    """Of the action as the profile has it: what is carried out is what was previewed."""
    return hashlib.sha256(purge.action.model_dump_json().encode()).hexdigest()
