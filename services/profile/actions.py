"""The tables under [actions]: what may be done, by whom and how carefully. One model per effect, and their union."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from services.model import Model, Seconds
from services.profile.acting import Acting, Argv, Cap, Patterns, Risk
from services.profile.backups import BackupAction, RestoreTestAction
from services.profile.cleaning import FilesAction
from services.profile.purging import PurgeAction, VerifyAction
from services.profile.releases import RolloutAction
from services.profile.restricted import ElevationAction
from services.profile.sources.command import OneGroup


class RowsAction(Acting):
    """Changes rows as the queue's preset says under `[actions.DO]`."""

    effect: Literal["rows"]
    queue: str
    do: str
    cap: Cap = 100
    # stale: rows with both signs of death; all: every row that it may change; rows: named or matched by a filter
    select: Literal["stale", "all", "rows"] = "rows"

    @property
    def complete(self) -> bool:
        return self.select != "rows"


class FlagAction(Acting):
    """Writes one feature flag. `{param}` in `flag` is filled from the parameters."""

    effect: Literal["flag"]
    queue: str
    flag: str
    enabled: bool | None = None  # None: the parameter `enabled` says
    takes_value: bool = False
    params: dict[str, str] = Field(default_factory=dict)  # placeholder -> pattern it must match in full

    @property
    def complete(self) -> bool:
        return not self.params and self.enabled is not None


class SessionAction(Acting):
    """Ends sessions of a database, or the query that each is at. Never the console's own, nor a superuser's, nor what
    is no client: replication and the server's own workers."""

    effect: Literal["session"]
    database: str
    do: Literal["terminate", "cancel"]
    risk: Risk = "high"
    cap: Cap = 100
    select: Literal["sessions", "idle", "idle in transaction"] = "sessions"  # named ones, or all that are so
    older_than: Seconds = 300.0  # for how long they have been idle, where `select` takes all that are
    application: str = ""  # pattern that a session's application_name must match in full; empty: any

    @property
    def complete(self) -> bool:
        return self.select != "sessions"

    @model_validator(mode="after")
    def _has_something_to_cancel(self) -> SessionAction:
        if self.do == "cancel" and self.select != "sessions":
            raise ValueError(f"select: a session that is {self.select} has no query to cancel")
        return self


class MaintenanceAction(Acting):
    """ANALYZE or VACUUM of tables, or REINDEX CONCURRENTLY of indexes, by their names."""

    effect: Literal["maintenance"]
    database: str
    do: Literal["analyze", "vacuum", "reindex"]
    cap: Cap = 20
    allow: Patterns  # of schema.name; each table or index must match one of them in full
    timeout: Seconds = 3600.0  # of one statement


class UnitAction(Acting):
    """Restarts, starts or stops a systemd unit, and sees by its state whether it did."""

    effect: Literal["unit"]
    do: Literal["restart", "start", "stop"]
    risk: Risk = "high"
    units: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.@:\\-]*$")], ...], Field(min_length=1)]
    systemctl: Argv = ("systemctl",)  # the command it is done with: ["sudo", "-n", "systemctl"], ["ssh", "node", ...]
    timeout: Seconds = 90.0

    @property
    def complete(self) -> bool:
        return len(self.units) == 1


class _Outside(Acting):
    """What both kinds of calls have: parameters with patterns, and a command that tells whether it worked."""

    risk: Risk = "high"
    params: dict[str, str] = Field(default_factory=dict)  # placeholder -> pattern it must match in full
    timeout: Seconds = 60.0
    post_check: tuple[str, ...] = ()  # argv; exit code 0: it is as it should be
    look: str = ""  # what to look at when nobody can tell how it ended

    @property
    def complete(self) -> bool:
        return not self.params


class Choices(Model):
    """What a parameter may be: the values in the lines that a program prints. `params` keeps its word over each."""

    argv: Argv
    pattern: OneGroup = r"^\s*(\S+)"  # finds the value in a line


class CommandAction(_Outside):
    """Runs a program. `{param}` stands for a whole argument."""

    effect: Literal["command"]
    argv: Argv
    choices: dict[str, Choices] = Field(default_factory=dict)  # param -> the list that it must be one of
    directory: str = ""  # to run it, and its check, in; empty: where the console was started
    env: dict[str, str] = Field(default_factory=dict)  # beside the few variables that every command gets

    @model_validator(mode="after")
    def _chooses_parameters(self) -> CommandAction:
        if unknown := sorted(self.choices.keys() - self.params.keys()):
            raise ValueError(f"choices.{unknown[0]}: there is no such parameter under `params`")
        return self


class HttpAction(_Outside):
    """Sends one request. `{param}` stands for a part of the URL's path, or for a whole value in the body."""

    effect: Literal["http"]
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None  # sent as JSON
    status: tuple[int, ...] = (200, 201, 202, 204)  # that mean it was done
    timeout: Seconds = 10.0


class SilenceAction(Acting):
    """Silences an alert of an Alertmanager, and whatever else has all of its labels, for a while."""

    effect: Literal["silence"]
    source: str  # of kind alertmanager
    for_: Seconds = Field(default=7200.0, alias="for")  # where nobody says another time
    max: Seconds = 86_400.0
    cap: Cap = 20  # alerts that one silence may be about when it is set
    timeout: Seconds = 10.0

    @model_validator(mode="after")
    def _fits(self) -> SilenceAction:
        if not 60 <= self.for_ <= self.max:
            raise ValueError("for: a minute at least, and no longer than `max`")
        return self


Action = Annotated[
    RowsAction
    | FlagAction
    | SessionAction
    | MaintenanceAction
    | ElevationAction
    | UnitAction
    | CommandAction
    | HttpAction
    | SilenceAction
    | FilesAction
    | BackupAction
    | RolloutAction
    | PurgeAction
    | VerifyAction
    | RestoreTestAction,
    Field(discriminator="effect"),
]
OnQueue = RowsAction | FlagAction
OnDatabase = SessionAction | MaintenanceAction | PurgeAction
OnBucket = PurgeAction | VerifyAction
OutsideAction = (
    UnitAction
    | CommandAction
    | HttpAction
    | SilenceAction
    | FilesAction
    | BackupAction
    | RestoreTestAction
    | RolloutAction
    | VerifyAction
)
