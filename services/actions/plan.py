"""What an action would do, frozen at preview: the plan that is confirmed, recorded and carried out, and its outcome.

A plan travels as JSON: from the preview to the dialog, and on standard input to the child that carries it out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from services.model import Model

Way = Literal["key", "palette", "mouse", "cli"]
Word = Literal["done", "not applied", "partial", "unknown", "denied"]
Step = Literal["checked", "intent", "effect", "read back", "outcome"]

PREVIEW_LIFE_S = 60.0  # by the clock of where it happens, mostly a database's; an older preview cannot be confirmed
HARD_CAP = 1000
WHO_SETTLES = "the console settles it by itself; without one, `watchdeck audit settle` does"  # told of what is unknown


class Request(Model):
    """What the operator asked for, before anything was looked at."""

    action: str
    args: dict[str, str] = Field(default_factory=dict)  # ids=1,2,3 | filter=... | type=... | value=... | expires=30m
    way: Way = "cli"


class Target(Model):
    """One row (or flag) as the preview saw it; `seen` is what the effect will insist on, column by column, as text."""

    id: str
    label: str  # "parse_raw, attempt 2"
    type: str = ""
    state: str = ""
    note: str = ""  # the evidence: "locked 12 m ago by w-3, last seen 9 m ago"
    seen: dict[str, str | None] = Field(default_factory=dict)


def fingerprint(targets: Iterable[Target]) -> str:
    """Of each target, with all that was seen of it: another list has another one."""
    listed = [(target.id, target.seen) for target in targets]
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


class Confirm(Model):
    """What has to be typed. key: `y`. count: the number of rows. name: the target's name, and a reason."""

    kind: Literal["key", "count", "name"]
    expected: str
    reason_required: bool = False


class Plan(Model):
    """A preview. `taken_at` is by the clock of where it happens, unix seconds."""

    request: Request
    title: str
    profile: str
    environment: str
    production: bool
    server: str  # host:port/dbname of a database; else a host, or where a URL leads
    system_identifier: str  # of a database; "" where there is none
    database_user: str  # or the account on this machine
    actor: str
    role: str
    risk: Literal["low", "medium", "high"]
    confirm: Confirm
    targets: tuple[Target, ...]
    noun: str = "row"  # what one target is
    total: int | None = None  # how many there are in all, where `targets` are only the first of them
    matching: int  # how many matched in all; > len(targets) when the cap cut it
    matching_at_least: bool = False
    per_type: dict[str, int] = Field(default_factory=dict)
    table_share: float | None = None
    cap: int = 100
    changes: tuple[str, ...]
    reversible: bool | None  # None: it changes nothing that could be undone
    fidelity: str = "exact"
    warnings: tuple[str, ...] = ()
    gate: str = ""  # how the action's gate stood: holds, fails, unknown; "" where it has none, or nobody looked
    taken_at: float
    detail: dict[str, Any] = Field(default_factory=dict)  # of the effect: the flag's old and new values
    snapshot: str = ""  # which transactions the preview could see, as pg_current_snapshot() says it
    seal: str = ""  # the mark of services.actions.seal: a plan that was changed does not carry it

    @property
    def count(self) -> int:
        """How many things it is about."""
        return len(self.targets) if self.total is None else self.total

    @property
    def undo(self) -> str:
        if self.reversible is None:
            return "changes no data"
        return "can be undone" if self.reversible else "cannot be undone"

    @property
    def manifest(self) -> str:
        """The fingerprint of what was previewed: it is recorded with the intent."""
        return fingerprint(self.targets)


class Outcome(Model):
    """How it ended. `id` is the action id, the same in the local audit and in the ledger."""

    id: str
    action: str
    word: Word
    asked: int
    applied: int | None  # None: not known
    message: str  # one line for the operator
    remedy: str = ""
    differing: tuple[str, ...] = ()  # ids that were no longer as previewed, and who or what changed them
    at: float = 0.0
