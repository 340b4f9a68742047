"""Which files of a folder an action may delete now, by the profile's rules; and one of them being deleted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from services.actions.effects.files.folder import Changed, File, Folder
from services.actions.evidence import ago
from services.actions.plan import Target
from services.profile import FilesAction
from services.units import told

DELETED, GONE = "deleted", "gone already"
_ODD = 3  # of those left out, told by name


@dataclass(frozen=True)
class Seen:
    """What matches in the folder now. `old` may be deleted, the oldest first."""

    identity: str  # of the folder
    old: tuple[File, ...]
    young: tuple[File, ...]
    kept: tuple[File, ...]  # old as well, but among the newest
    odd: tuple[str, ...]  # left out, and why
    free: int  # bytes


def look(folder: Folder, action: FilesAction) -> Seen:
    """The newest that count stay whatever their age, also if what was newer has been deleted meanwhile."""
    found, odd = folder.files(lambda name: any(fnmatchcase(name, one) for one in action.match), action.depth)
    found.sort(key=lambda file: (file.modified, file.name))
    counting = [file for file in found if file.size >= action.least]
    staying = {file.name for file in counting[-action.keep :]}
    before = time.time() - action.older_than
    old = [file for file in found if file.modified < before]
    return Seen(
        folder.identity,
        tuple(file for file in old if file.name not in staying),
        tuple(file for file in found if file.modified >= before),
        tuple(file for file in old if file.name in staying),
        tuple(odd),
        folder.free(),
    )


def why_none(seen: Seen, action: FilesAction) -> str:
    words = [f"{len(seen.young)} written to within {told(action.older_than, 's')}"]
    words += [f"{len(seen.kept)} old ones are among the newest {action.keep}"] if seen.kept else []
    return ", ".join([*words, *([f"{len(seen.odd)} left out"] if seen.odd else [])])


def warnings(seen: Seen, action: FilesAction) -> Iterator[str]:
    yield f"{', '.join(action.match)}, not written to for {told(action.older_than, 's')}; the newest {action.keep} stay"
    if seen.kept:
        yield f"{len(seen.kept)} that are old enough stay: they are among the newest {action.keep}"
    if (more := len(seen.old) - action.cap) > 0:
        yield f"{more} more match: only the oldest {action.cap} are taken"
    yield from seen.odd[:_ODD]
    if len(seen.odd) > _ODD:
        yield f"… and {len(seen.odd) - _ODD} more are left out"


def target(file: File, now: float) -> Target:
    written = datetime.fromtimestamp(file.modified, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Target(
        id=file.name,
        label=told(file.size, "bytes"),
        state=ago(now - file.modified),
        note=f"written {written}, inode {file.seen['inode']}",
        seen=file.seen,
    )


def removed(folder: Folder, wanted: Target, seen: Seen) -> str:
    """What became of it, in words; `seen` is what the rules allow at this moment."""
    if any(file.name == wanted.id for file in seen.kept):
        return "left: it is among the newest now"
    now = next((file for file in seen.old if file.name == wanted.id), None)
    if now is None:
        return GONE if folder.now(wanted.id) is None else "changed: it may not be deleted any more"
    if now.seen != wanted.seen:
        return "changed: it is not the file that was listed"
    try:
        folder.remove(now)
    except FileNotFoundError:
        return GONE
    except Changed:
        return "changed: it is not the file that was listed"
    except OSError as error:
        return f"refused: {error.strerror}"
    return DELETED
