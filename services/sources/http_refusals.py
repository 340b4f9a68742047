"""Requests that a service must refuse: sent too large on purpose, and judged by how it says no."""

from __future__ import annotations

import json

from services.profile.sources.http import Refusal
from services.readings import Fault
from services.sources.http_client import Body
from services.text import safe


def content(refusal: Refusal) -> bytes:
    """Blanks, which are no document, or a list of nulls: there is nothing in it that could be taken in."""
    if refusal.bytes is not None:
        return b" " * refusal.bytes
    items: list[None] = [None] * (refusal.items or 0)
    return json.dumps({refusal.within: items} if refusal.within else items).encode()


def lacking(refusal: Refusal, body: Body, where: str) -> Fault | None:
    """What is wrong with the answer; None when it is the refusal that was asked for."""
    size = f"{refusal.bytes:,} bytes" if refusal.bytes is not None else f"a list of {refusal.items:,} items"
    if body.status not in refusal.status:
        wanted = " or ".join(map(str, refusal.status))
        remedy = "its limits are not in force: see the service's configuration, and what was rolled out last"
        return Fault("error", f"{where}: {size} was answered {body.status}, not {wanted}", remedy)
    if refusal.says and refusal.says.encode() not in body.plain():
        said = f"{where}: {size} was refused without the words {safe(refusal.says, 60)}: {body.start}"
        return Fault("error", said, "something before the service refuses it, a proxy: its own limit is not seen")
    return None
