"""The preview of an action on a feature flag: the flag as it is, and as it would be."""

from __future__ import annotations

import re
from typing import Any

from services.actions.environment import Asks
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.functions import literal
from services.actions.params import checked
from services.actions.plan import Request, Target
from services.errors import ActionError, ConfigError
from services.model import parse_duration
from services.profile import FlagAction
from services.queues.expressions import epoch, plain
from services.queues.mapping import Flags
from services.text import safe

LONGEST_S = 90 * 86400.0
_TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


async def look_up(action: FlagAction, flags: Flags, request: Request, db: Asks, now: float) -> Found:
    """ActionError when a setting is missing or wrong, or when the flag is that way already."""
    name = _name(action, request)
    new = _new(action, request, now)
    rows = await db.rows(_sql(flags), {"name": name})
    old = rows[0] if rows else None
    await _castable(flags, new, db)
    changes = _changes(old, new)
    if not changes or (old is None and new["enabled"] and name in _pauses(flags, request)):
        raise ActionError(f"{name} is {_words(old, 'so')} already: nothing to change", _who(old))
    job_type = request.args.get("type", "")
    target = Target(
        id=name,
        label=name,
        type=job_type,
        state=_words(old, "on"),
        note=_who(old),
        seen={} if old is None else old["seen"],
    )
    return Found(
        targets=(target,),
        matching=1,
        changes=changes,
        reversible=True,
        name=job_type or name,
        warnings=_warnings(old),
        detail={"flag": name, "absent": old is None, "old": old and old["seen"], "new": new},
    )


def _name(action: FlagAction, request: Request) -> str:
    """The flag's name, each placeholder checked against its pattern."""
    more = (
        {"expires"} | ({"value"} if action.takes_value else set()) | ({"enabled"} if action.enabled is None else set())
    )
    values = checked(action.title, request, action.params, more)
    allowed = name_pattern(action)
    name = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], action.flag)
    if not re.fullmatch(allowed, name):
        raise ActionError(f"{action.title}: {safe(name, 120)!r} is not a flag of this action")
    return name


def _new(action: FlagAction, request: Request, now: float) -> dict[str, Any]:
    """What the flag would be: enabled, value (None: as it is), expires_at in unix seconds."""
    enabled = action.enabled
    if enabled is None:
        enabled = _TRUTH.get(request.args.get("enabled", "").lower())
        if enabled is None:
            raise ActionError(f"{action.title}: on or off?", "enabled=true or enabled=false")
    value = request.args.get("value")
    if action.takes_value and not value:
        raise ActionError(f"{action.title}: value is missing", "value=3")
    return {"enabled": enabled, "value": value, "expires_at": _expiry(request.args.get("expires", ""), now)}


def _expiry(text: str, now: float) -> float | None:
    if not text:
        return None
    try:
        seconds = float(str(parse_duration(text)))
    except ValueError as error:
        raise ActionError(f"expires: {error}", "expires=30m") from error
    if not 1.0 <= seconds <= LONGEST_S:
        raise ActionError(f"expires: {safe(text, 40)} is not between 1 s and 90 d", "expires=30m")
    return now + seconds


def _sql(flags: Flags) -> str:
    by = f"({plain(flags.changed_by)})::text" if flags.changed_by else "NULL"
    reason = f"({plain(flags.reason)})::text" if flags.reason else "NULL"
    return (
        f"SELECT {plain(snapshot(flags))} AS seen, ({plain(flags.enabled)})::boolean AS enabled, {by} AS by, "
        f"{reason} AS reason, extract(epoch FROM now())::float8 - {epoch(flags.changed_at)} AS age_s, "
        f"{epoch(flags.expires_at)} AS expires_at, {epoch(flags.expires_at)} <= extract(epoch FROM now()) AS expired "
        f"FROM {plain(flags.table)} WHERE {plain(flags.name)} = %(name)s"
    )


async def _castable(flags: Flags, new: dict[str, Any], db: Asks) -> None:
    """The value as the column's type: asked before anything is confirmed."""
    if new["value"] is None:
        return
    (row,) = await db.rows(
        f"SELECT pg_typeof((SELECT {plain(flags.value or 'NULL')} FROM {plain(flags.table)} LIMIT 0))::text AS type"
    )
    if row["type"] in ("smallint", "integer", "bigint") and not re.fullmatch(r"[0-9]{1,4}", new["value"]):
        raise ActionError(f"value: {safe(new['value'], 40)!r} is not a whole number below 10,000", "value=3")


def _pauses(flags: Flags, request: Request) -> set[str]:
    """A job type's pause flag: where it is absent, the type runs."""
    return {flags.pause.replace("{type}", request.args["type"])} if request.args.get("type") else set()


def _changes(old: dict[str, Any] | None, new: dict[str, Any]) -> tuple[str, ...]:
    """In words; empty when the flag is as asked already."""
    was = None if old is None else old["enabled"]
    changes = []
    if was != new["enabled"] or (old and old["expired"]):
        changes.append(f"enabled {_word(was)} -> {_word(new['enabled'])}")
    if new["value"] is not None and (old is None or old["seen"].get("value") != new["value"]):
        changes.append(f"value {(old and old['seen'].get('value')) or 'none'} -> {new['value']}")
    if new["expires_at"] is not None:
        changes.append("it expires by itself")
    elif old and old["expires_at"] is not None and not old["expired"]:
        changes.append("it no longer expires by itself")
    return tuple(changes)


def _word(enabled: bool | None) -> str:
    return "absent" if enabled is None else "on" if enabled else "off"


def _words(old: dict[str, Any] | None, absent: str) -> str:
    return absent if old is None else _word(old["enabled"])


def _who(old: dict[str, Any] | None) -> str:
    if old is None or old["by"] is None:
        return ""
    why = f": {safe(old['reason'], 120)}" if old["reason"] else ""
    return f"set by {safe(old['by'], 60)} {ago(old['age_s'] or 0.0)}{why}"


def _warnings(old: dict[str, Any] | None) -> tuple[str, ...]:
    if old and old["expired"]:
        return ("the flag's last change has expired: it has no effect any more",)
    return ()


def snapshot(flags: Flags) -> str:
    """A flag's row as the preview sees it, and as the effect insists on it."""
    columns = {"enabled": flags.enabled, "value": flags.value, "changed_at": flags.changed_at}
    parts = [f"{literal(key)}, watchdeck.as_seen({sql})" for key, sql in columns.items() if sql]
    return f"jsonb_build_object({', '.join(parts)})"


def name_pattern(action: FlagAction) -> str:
    """What the flag's name may be: the template with each placeholder's own pattern."""
    parts = re.split(r"\{(\w+)\}", action.flag)
    for placeholder in parts[1::2]:
        if placeholder not in action.params:
            raise ConfigError(
                f"flag {action.flag!r}: no pattern for {{{placeholder}}}", f'add params = {{ {placeholder} = "..." }}'
            )
    return "".join(f"({action.params[p]})" if at % 2 else re.escape(p) for at, p in enumerate(parts))
