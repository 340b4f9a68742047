"""A unit as `systemctl show` tells it: the one way to read it, whatever command leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.actions.effects.streamed import environment
from services.errors import ActionError, SourceError
from services.run import run
from services.text import safe

_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "InvocationID",
    "ActiveEnterTimestamp",
    "StateChangeTimestampMonotonic",
)
_TIMEOUT_S = 5.0
_LIMIT = 16_384


@dataclass(frozen=True)
class UnitState:
    active: str
    sub: str
    invocation: str
    entered: str
    changed: str  # monotonic: tells two stops apart, which have no invocation

    @property
    def words(self) -> str:
        return f"{self.active} ({self.sub})"

    @property
    def since(self) -> str:
        return f"since {self.entered}" if self.entered else ""

    @property
    def seen(self) -> dict[str, str | None]:
        return {"active": self.active, "invocation": self.invocation, "changed": self.changed}


async def state_of(systemctl: Sequence[str], unit: str) -> UnitState:
    """SourceError when nobody answers; ActionError when there is no such unit."""
    argv = [*systemctl, "show", unit, f"--property={','.join(_PROPERTIES)}"]
    ran = await run(argv, _TIMEOUT_S, _LIMIT, env=environment(""), alone=True)
    if ran.code != 0:
        said = safe((ran.err or ran.out).decode(errors="replace").strip(), 300) or ran.ended or f"exit code {ran.code}"
        raise SourceError("error", f"{unit} cannot be looked at: {said}", "try the profile's systemctl in a shell")
    told = dict(line.partition("=")[::2] for line in ran.out.decode(errors="replace").splitlines())
    found = {name: safe(told.get(name, ""), 80) for name in _PROPERTIES}
    if found["LoadState"] != "loaded" or not found["ActiveState"]:
        raise ActionError(f"{unit}: {found['LoadState'] or 'no state'}", "check `units` in the profile")
    return UnitState(*(found[name] for name in _PROPERTIES[1:]))
