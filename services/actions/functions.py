"""One SECURITY DEFINER function per action, made from the profile's actions and the queue's effect templates."""

from __future__ import annotations

import re
from importlib import resources
from types import MappingProxyType

from services.actions.scope import Scope, seen_columns
from services.errors import ConfigError
from services.profile import FlagAction, Profile, RowsAction, mapping_of
from services.queues.mapping import Flags

SIGNATURE = "uuid, text, text, text, timestamptz, integer, jsonb, jsonb, text"

_PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z_]+)\b")  # not the second colon of a cast
_ROWS = MappingProxyType({"ids": "wd_locked.ids", "actor": "wd_actor", "reason": "wd_reason"})
_FLAG = MappingProxyType(
    {
        "name": "wd_name",
        "enabled": "wd_enabled",
        "value": "wd_new.value",
        "reason": "wd_reason",
        "actor": "wd_actor",
        "expires_at": "wd_expires",
    }
)


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(action_id: str) -> str:
    """The function's name. Action ids are lower case, digits and dashes: quoting is all they need."""
    return f'"{action_id}"'


def filled(template: str, known: MappingProxyType[str, str], where: str) -> str:
    """The template with its `:placeholders` replaced by the function's variables: values never become SQL."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ConfigError(f"{where}: unknown placeholder :{match[1]}", f"there are: :{', :'.join(known)}")
        return known[match[1]]

    return _PLACEHOLDER.sub(variable, template.strip().rstrip(";"))


def function_sql(profile: Profile, action_id: str) -> str:
    """CREATE FUNCTION for one action. ConfigError when the queue's mapping has no such effect."""
    action = profile.actions[action_id]
    made = _rows(profile, action_id, action) if isinstance(action, RowsAction) else _flag(profile, action_id, action)
    if made.count("$action$") != 2:  # whatever stands in the profile stays within the function's body
        raise ConfigError(f"actions.{action_id}: $action$ cannot stand in the action or its mapping")
    owner = f"ALTER FUNCTION watchdeck.{name(action_id)}({SIGNATURE}) OWNER TO watchdeck_owner;"
    return f"{made}{owner}\n"


def _template(file: str) -> str:
    return (resources.files("services.actions") / file).read_text()


def _rows(profile: Profile, action_id: str, action: RowsAction) -> str:
    scope = Scope.of(profile, action_id)
    row = f"(wd_seen -> watchdeck.as_seen({scope.id}))"
    as_seen = " AND ".join(
        f"watchdeck.as_seen({sql}) IS NOT DISTINCT FROM ({row} ->> {literal(column)})"
        for column, sql in seen_columns(scope).items()
    )
    return _template("rows_function.sql").format(
        title=_one_line(action.title),
        what=_one_line("; ".join(scope.effect.changes)),
        name=name(action_id),
        literal=literal(action_id),
        cap=action.cap,
        reason=_reason(action),
        siblings=", ".join(map(literal, siblings(profile, action_id))),
        id=scope.id,
        source=scope.source,
        alias=scope.alias,
        allowed="\n           AND ".join(f"({test})" for test in scope.allowed),
        as_seen=as_seen or "true",
        effect=filled(scope.effect.sql, _ROWS, f"[actions.{action.do}] sql"),
    )


def _reason(action: RowsAction | FlagAction) -> str:
    if action.risk != "high":
        return ""
    return """\
    IF btrim(coalesce(wd_reason, '')) = '' THEN
        RAISE EXCEPTION 'this action needs a reason' USING ERRCODE = 'WD009';
    END IF;
"""


def siblings(profile: Profile, action_id: str) -> tuple[str, ...]:
    """The actions whose rows are of the same table, this one among them: elsewhere the same id means another row."""

    def table(one: str) -> str:
        action = profile.actions[one]
        return flags_of(profile, action).table if isinstance(action, FlagAction) else Scope.of(profile, one).table

    return tuple(one for one in profile.actions if table(one) == table(action_id))


def _flag(profile: Profile, action_id: str, action: FlagAction) -> str:
    flags = flags_of(profile, action)
    keep = f"(SELECT {flags.value} FROM {flags.table} WHERE {flags.name} = wd_name)" if flags.value else "NULL::text"
    typed = f"(SELECT {flags.value} FROM {flags.table} LIMIT 0)"
    new = f"(watchdeck.typed({typed}, ARRAY[wd_args ->> 'value']))[1]"
    return _template("flag_function.sql").format(
        title=_one_line(action.title),
        what=_one_line(action.flag),
        name=name(action_id),
        literal=literal(action_id),
        reason=_reason(action),
        enabled=str(action.enabled).lower() if action.enabled is not None else "(wd_args ->> 'enabled')::boolean",
        pattern=literal(f"^({flag_pattern(action)})$"),
        table=flags.table,
        snapshot=flag_snapshot(flags),
        flag_name=flags.name,
        value=new if action.takes_value else keep,
        write=filled(flags.write, _FLAG, "[flags] write"),
    )


def flags_of(profile: Profile, action: FlagAction) -> Flags:
    flags = mapping_of(profile.sources[action.queue], action.queue).flags  # type: ignore[arg-type]
    if flags is None or not flags.write:
        raise ConfigError(
            f"sources.{action.queue}: the queue's mapping has no [flags] with `write`",
            "say there how a feature flag is written, or remove the action",
        )
    if action.takes_value and not flags.value:
        raise ConfigError(f"sources.{action.queue}: the mapping's [flags] records no `value`")
    return flags


def flag_snapshot(flags: Flags) -> str:
    """A flag's row as the preview sees it, and as the effect insists on it."""
    columns = {"enabled": flags.enabled, "value": flags.value, "changed_at": flags.changed_at}
    parts = [f"{literal(key)}, watchdeck.as_seen({sql})" for key, sql in columns.items() if sql]
    return f"jsonb_build_object({', '.join(parts)})"


def flag_pattern(action: FlagAction) -> str:
    """What the flag's name may be: the template with each placeholder's own pattern."""
    parts = re.split(r"\{(\w+)\}", action.flag)
    for placeholder in parts[1::2]:
        if placeholder not in action.params:
            raise ConfigError(
                f"flag {action.flag!r}: no pattern for {{{placeholder}}}", f'add params = {{ {placeholder} = "..." }}'
            )
    return "".join(f"({action.params[p]})" if at % 2 else re.escape(p) for at, p in enumerate(parts))


def _one_line(text: str) -> str:
    """For an SQL comment: a line break would end it."""
    return " ".join(text.split())
