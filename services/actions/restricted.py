"""One read of what is restricted, under an elevation: noted in the database first, and answered then."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.actions.connection import ActionConnection, Lost, database_named
from services.errors import ActionError
from services.profile import Profile
from services.profile.restricted import ALL
from services.readings import Elevation
from services.text import safe, safe_lines

if TYPE_CHECKING:
    from psycopg import Error

LONGEST = 20_000  # characters of one value


@dataclass(frozen=True)
class Answer:
    """What was read, as it may be shown. It is for the one who reads, and for no file."""

    title: str
    elevation: str
    note: int  # of the read, in the database
    rows: tuple[Mapping[str, tuple[str, ...]], ...]  # column -> the lines of its value


def fits(elevation: Elevation, read_id: str) -> bool:
    return elevation.what in (read_id, ALL)


def insist_on_params(profile: Profile, read_id: str, params: Mapping[str, str]) -> None:
    """ActionError names the parameter, before anybody is asked."""
    reads = profile.restricted.reads
    if read_id not in reads:
        raise ActionError(f"there is no read {safe(read_id, 60)!r}", f"there are: {', '.join(reads) or 'none'}")
    patterns = reads[read_id].params
    for name in {**patterns, **params}:
        if name not in patterns or not re.fullmatch(patterns[name], params.get(name, "")):
            known = ", ".join(f"{param} ({pattern})" for param, pattern in patterns.items()) or "none"
            raise ActionError(f"{read_id}: {safe(name, 60)} is missing or not as it must be", f"parameters: {known}")


async def read(profile: Profile, read_id: str, params: Mapping[str, str], elevation: str, actor: str) -> Answer:
    """ActionError when the database refuses, as it does when the elevation is over by its clock."""
    from psycopg import Error

    insist_on_params(profile, read_id, params)
    try:
        async with ActionConnection(database_named(profile, profile.restricted.database)) as db:
            # two statements, each in a transaction of its own: nothing is answered to a note that could be undone
            noted = await db.rows(
                "SELECT watchdeck.note_read(%s::uuid, %s::text, %s::text, %s::jsonb) AS id",
                (elevation, actor, read_id, json.dumps(dict(params))),
            )
            note = int(noted[0]["id"])
            rows = await db.rows("SELECT r.row FROM watchdeck.read_restricted(%s::bigint) AS r(row)", (note,))
    except Lost as lost:
        raise ActionError(f"{read_id}: {lost}", "if it was answered, it is noted all the same") from lost
    except Error as error:
        raise _refusal(error, profile, read_id) from None
    return Answer(
        title=profile.restricted.reads[read_id].title,
        elevation=elevation,
        note=note,
        rows=tuple({safe(key, 80): _lines(value) for key, value in row["row"].items()} for row in rows),
    )


def _refusal(error: Error, profile: Profile, read_id: str) -> ActionError:
    """In the server's words only where they are ours: others may quote what is restricted."""
    state = error.sqlstate or ""
    if state.startswith("WD"):
        return ActionError(
            f"{read_id}: {safe(error.diag.message_primary, 200)}", "an elevation is asked for and approved first"
        )
    if state in ("42883", "3F000"):
        return ActionError(
            f"{read_id}: the database does not have this read",
            f"watchdeck --profile {profile.name} roles --sql | psql DATABASE, as a superuser",
        )
    return ActionError(f"{read_id}: the database refused it (SQLSTATE {state})", "try its query by hand, as its owner")


def _lines(value: Any) -> tuple[str, ...]:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return safe_lines(text, LONGEST)
