"""What a parameter of a command may be, asked of the program that knows: a release to go back to, a queue to drain."""

from __future__ import annotations

import re

from services.actions.effects.streamed import environment
from services.errors import ActionError, SourceError
from services.profile import CommandAction
from services.run import run
from services.text import safe

MOST = 200
_TIMEOUT_S = 10.0
_LIMIT = 65_536


async def choices(action: CommandAction, param: str) -> tuple[str, ...]:
    """Those that the parameter's pattern lets through, in the program's order; empty where the profile names no list.
    SourceError when it cannot be had."""
    asked = action.choices.get(param)
    if asked is None:
        return ()
    ran = await run(asked.argv, _TIMEOUT_S, _LIMIT, action.directory, {**environment(""), **action.env}, alone=True)
    if ran.code != 0:
        said = safe((ran.err or ran.out).decode(errors="replace").strip(), 200) or ran.ended or f"exit code {ran.code}"
        raise SourceError("error", f"{action.title}: the list for {param} cannot be had: {said}", "see `choices`")
    found = (re.search(asked.pattern, line) for line in ran.out.decode("utf-8", "replace").splitlines())
    values = dict.fromkeys(match[1] for match in found if match and match[1])
    return tuple(value for value in values if re.fullmatch(action.params[param], value))[:MOST]


async def insist_listed(action: CommandAction, values: dict[str, str]) -> None:
    """ActionError when a value is none of the list that it has to be from."""
    for param in action.choices:
        listed = await choices(action, param)
        if values[param] not in listed:
            there = safe(", ".join(listed[:20]), 300) or "nothing now"
            raise ActionError(
                f"{action.title}: {param}: {safe(values[param], 60)!r} is not listed", f"there is {there}"
            )
