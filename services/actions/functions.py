"""What the SECURITY DEFINER functions have in common, one of which is made for each action in a database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

from services.errors import ConfigError
from services.profile import Risk
from services.sql_text import NAME

SIGNATURE = "uuid, text, text, text, timestamptz, integer, jsonb, jsonb, text"

# what an effect writes, and which table: its grants are made from it
WRITE = re.compile(rf"\b(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+(?:ONLY\s+)?({NAME})", re.I)
_PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z_]+)\b")  # not the second colon of a cast


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def texts(parts: tuple[str, ...]) -> str:
    """An array of texts as SQL."""
    return f"ARRAY[{', '.join(map(literal, parts))}]::text[]"


def name(action_id: str) -> str:
    """The function's name. Action ids are lower case, digits and dashes: quoting is all they need."""
    return f'"{action_id}"'


def template(file: str) -> str:
    return (resources.files("services.actions.effects") / file).read_text()


def filled(sql: str, known: Mapping[str, str], where: str) -> str:
    """The SQL with its `:placeholders` replaced by the function's variables: values never become SQL."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ConfigError(f"{where}: unknown placeholder :{match[1]}", f"there are: :{', :'.join(known)}")
        return known[match[1]]

    return _PLACEHOLDER.sub(variable, sql.strip().rstrip(";"))


def owned(action_id: str, made: str) -> str:
    """The function, and to whom it belongs. ConfigError when it is more than one function."""
    if made.count("$action$") != 2:  # whatever stands in the profile stays within the function's body
        raise ConfigError(f"actions.{action_id}: $action$ cannot stand in the action or its mapping")
    owner = f"ALTER FUNCTION watchdeck.{name(action_id)}({SIGNATURE}) OWNER TO watchdeck_owner;"
    return f"{made}{owner}\n"


def reason(risk: Risk) -> str:
    """High risk: what a reason is insisted on with."""
    if risk != "high":
        return ""
    return """\
    IF btrim(coalesce(wd_reason, '')) = '' THEN
        RAISE EXCEPTION 'this action needs a reason' USING ERRCODE = 'WD009';
    END IF;
"""


def one_line(text: str) -> str:
    """For an SQL comment: a line break would end it."""
    return " ".join(text.split())
