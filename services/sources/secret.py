"""A password from where it is kept: the environment, or a program that prints it. Never from the profile."""

from __future__ import annotations

import os
from collections.abc import Sequence

from services.errors import SourceError
from services.run import run
from services.text import safe

LONGEST = 4096


async def password(variable: str, argv: Sequence[str], timeout: float) -> str:
    """Of the environment's `variable`, or what the command prints first; "" when neither is named.

    SourceError tells why there is none, and never anything of what was printed.
    """
    if variable:
        if variable not in os.environ:
            raise SourceError("config", f"the environment variable {safe(variable, 100)} is not set", "export it")
        return os.environ[variable]
    return await _printed(argv, timeout) if argv else ""


async def _printed(argv: Sequence[str], timeout: float) -> str:
    ran = await run(argv, timeout, LONGEST)
    found = ran.out.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if ran.code == 0 and found:
        return found
    how = ran.ended or (f"ended with {ran.code}" if ran.code else "printed nothing")
    raise SourceError(
        "config", f"{safe(argv[0], 200)}: no password: {how}", "run `password_command` of the profile by hand"
    )
