"""Elevations in the database: the functions that ask, approve and end, and the one way to what is restricted."""

from __future__ import annotations

from types import MappingProxyType

from services.actions.functions import filled, literal, name, one_line, template, texts
from services.profile import ElevationAction, Read
from services.profile.restricted import ALL, Restricted

MOST_ROWS = 100  # of one read

_OF_ELEVATION = MappingProxyType(
    {
        "elevation": "wd_e.id",
        "who": "wd_e.who",
        "what": "wd_e.what",
        "reason": "wd_e.reason",
        "minutes": "wd_e.minutes",
        "until": "wd_e.until",
        "approved_by": "wd_e.approved_by",
        "actor": "wd_actor",
    }
)
_OF_READ = MappingProxyType({**_OF_ELEVATION, "read": "wd_read", "params": "wd_params"})

_REQUEST = """\
    IF btrim(coalesce(wd_reason, '')) = '' THEN
        RAISE EXCEPTION 'an elevation needs a reason' USING ERRCODE = 'WD009';
    END IF;
    IF wd_key <> ALL ({known}) THEN
        RAISE EXCEPTION 'there is nothing named % to be elevated for', wd_key USING ERRCODE = 'WD010';
    END IF;
    IF ((wd_one ->> 'minutes')::numeric BETWEEN 0.01 AND {minutes}) IS NOT TRUE THEN
        RAISE EXCEPTION 'an elevation lasts {minutes} minutes at most' USING ERRCODE = 'WD010';
    END IF;
    INSERT INTO watchdeck.elevation (id, who, what, reason, minutes)
    VALUES (wd_id, wd_actor, wd_key, wd_reason, (wd_one ->> 'minutes')::numeric) RETURNING * INTO wd_e;"""

_APPROVE = """\
    wd_e := watchdeck.elevation_taken(wd_key, wd_one);
    IF wd_one ->> 'state' <> 'waiting' THEN
        RAISE EXCEPTION 'the elevation is %', wd_one ->> 'state' USING ERRCODE = 'WD010';
    END IF;
    -- "alice (as root)" is alice, whichever account she acts through
    IF wd_e.db_user = session_user OR split_part(wd_e.who, ' (as ', 1) = split_part(wd_actor, ' (as ', 1) THEN
        RAISE EXCEPTION 'nobody approves an elevation of their own' USING ERRCODE = 'WD010';
    END IF;
    UPDATE watchdeck.elevation
       SET approved_by = wd_actor, approved_user = session_user, approved_at = wd_now,
           until = wd_now + make_interval(secs => (minutes * 60)::float8)
     WHERE id = wd_e.id RETURNING * INTO wd_e;
{audit}"""

_REVOKE = """\
    wd_e := watchdeck.elevation_taken(wd_key, wd_one);
    IF wd_one ->> 'state' NOT IN ('waiting', 'in force') THEN
        RAISE EXCEPTION 'the elevation is %', wd_one ->> 'state' USING ERRCODE = 'WD010';
    END IF;
    UPDATE watchdeck.elevation SET ended_by = wd_actor, ended_at = wd_now WHERE id = wd_e.id RETURNING * INTO wd_e;
    IF wd_one ->> 'state' = 'in force' THEN
{audit}        NULL;
    END IF;"""


def function(action_id: str, action: ElevationAction, restricted: Restricted) -> str:
    """CREATE FUNCTION, one for each of the three things that can be done."""
    audit = restricted.audit
    effect = {
        "request": lambda: _REQUEST.format(known=texts((*restricted.reads, ALL)), minutes=f"{restricted.minutes:g}"),
        "approve": lambda: _APPROVE.format(audit=_statement(audit.granted, "granted", _OF_ELEVATION)),
        "revoke": lambda: _REVOKE.format(audit=_statement(audit.ended, "ended", _OF_ELEVATION)),
    }[action.do]()
    return template("elevation/function.sql").format(
        title=one_line(action.title), name=name(action_id), literal=literal(action_id), effect=effect
    )


def shared(restricted: Restricted) -> str:
    """The tables, and the functions that read what is restricted."""
    reads = template("elevation/read.sql").format(
        patterns="\n".join(_pattern(read_id, read) for read_id, read in restricted.reads.items())
        or "                WHEN false THEN false",
        audit=_statement(restricted.audit.read, "read", _OF_READ),
        answers="".join(_answer(read_id, read) for read_id, read in restricted.reads.items()),
    )
    return template("elevation/shared.sql") + "\n" + reads


def _statement(sql: str, key: str, known: MappingProxyType[str, str]) -> str:
    return f"    {filled(sql, known, f'[restricted.audit] {key}')};\n" if sql else ""


def _pattern(read_id: str, read: Read) -> str:
    """Each parameter as its pattern says, and no other."""
    tests = [
        f"coalesce(wd_params ->> {literal(param)} ~ {literal(f'^({pattern})$')}, false)"
        for param, pattern in read.params.items()
    ]
    tests.append(f"wd_params - {texts(tuple(read.params))} = '{{}}'")
    return f"                WHEN wd_read = {literal(read_id)} THEN {' AND '.join(tests)}"


def _answer(read_id: str, read: Read) -> str:
    known = {param: f"(wd_note.params ->> {literal(param)})" for param in read.params}
    query = filled(read.query, known, f"[restricted.reads.{read_id}] query")
    return f"""\
    IF wd_note.read = {literal(read_id)} THEN
        RETURN QUERY SELECT to_jsonb(wd_row) FROM (
{query}
        ) AS wd_row LIMIT {MOST_ROWS};
        GET DIAGNOSTICS wd_given = ROW_COUNT;
    END IF;
"""
