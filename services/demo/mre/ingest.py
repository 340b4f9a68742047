"""New sessions: uploads that arrive at a steady pace, each with its raw object, its run and the run's first job."""

from __future__ import annotations

import random

from services.demo.link import Link
from services.demo.mre.pipeline import FAMILIES, FIRST, PARSER
from services.demo.objects import Objects, StorageError

PACE_S = 1.2  # seconds between two uploads

_FILED = """
WITH session AS (
    INSERT INTO sessions (owner_user_id, size_class, format_family) VALUES (%(owner)s, %(size)s, %(family)s)
    RETURNING id, owner_user_id, size_class
), run AS (
    INSERT INTO processing_runs (session_id, owner_user_id, size_class, parser_version)
    SELECT id, owner_user_id, size_class, %(parser)s FROM session RETURNING id, session_id, owner_user_id
), artifact AS (
    INSERT INTO artifacts (session_id, owner_user_id, object_key, bytes)
    SELECT id, owner_user_id, 'raw/' || id || '.' || %(family)s, %(bytes)s FROM session
), job AS (
    INSERT INTO jobs (run_id, owner_user_id, type, payload)
    SELECT id, owner_user_id, %(type)s, jsonb_build_object(
               'artifact', 'raw/' || session_id || '.' || %(family)s, 'device', 'rec-' || owner_user_id,
               'first_fix', jsonb_build_array(40 + session_id %% 900 / 100.0, 5 + session_id %% 700 / 100.0))
      FROM run
)
SELECT session_id FROM run
"""


def upload(
    link: Link, objects: Objects, family: str | None = None, parser: str = PARSER, first: str = FIRST, size: str = ""
) -> int:
    """One session from a user; its id. A store that refuses the artifact loses the upload, as it would in life."""
    family = family or random.choices(FAMILIES, (4, 3, 2, 1))[0]  # noqa: S311 - no secret
    size = size or random.choices("SML", (6, 3, 1))[0]  # noqa: S311
    owner = random.randint(1, 400)  # noqa: S311
    content = b"\0" * random.randint(400, 2000)  # noqa: S311
    told = {"owner": owner, "size": size, "family": family, "bytes": len(content)}
    [row] = link.rows(_FILED, **told, parser=parser, type=first)
    try:
        objects.put(f"raw/{row['session_id']}.{family}", content)
    except StorageError:
        link.rows("UPDATE sessions SET status = 'upload failed' WHERE id = %(id)s", id=row["session_id"])
    return int(row["session_id"])
