"""What an operator gives an action beside a selection: each setting matched in full against the profile's pattern."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from services.actions.plan import Request
from services.errors import ActionError
from services.text import safe

WHOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def checked(title: str, request: Request, patterns: Mapping[str, str], more: Collection[str] = ()) -> dict[str, str]:
    """The parameters, all of them; `more` may be given too, and is not looked at here."""
    args = request.args
    if unknown := set(args) - {*patterns, *more}:
        there = ", ".join(sorted({*patterns, *more})) or "none"
        raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", f"there are: {there}")
    for param, pattern in patterns.items():
        given = args.get(param, "")
        if not re.fullmatch(pattern, given):
            what = f"{param}: {safe(given, 60)!r} is not allowed" if given else f"{param} is missing"
            raise ActionError(f"{title}: {what}", f"{param}=... matching {pattern}")
    return {param: args[param] for param in patterns if param in args}


def argument(title: str, values: Mapping[str, str], part: str) -> str:
    """One argument of a command: as it stands, or a whole parameter, which must not be taken for an option."""
    if not (found := WHOLE.fullmatch(part)) or found[1] not in values:
        return part
    value = values[found[1]]
    if value.startswith("-") or any(ord(each) < 32 for each in value):
        raise ActionError(
            f"{title}: {found[1]}: {safe(value, 60)!r} could be taken for an option or for two lines",
            "give one that does not begin with a dash",
        )
    return value
