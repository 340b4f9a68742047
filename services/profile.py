"""A profile: one TOML file that says what to watch, how to judge it and what may be done about it."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from services.errors import ConfigError
from services.model import Model, Seconds
from services.queues.mapping import Mapping

Role = Literal["viewer", "operator", "admin"]
Risk = Literal["low", "medium", "high"]

ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Id = Annotated[str, Field(pattern=ID)]


class Environment(Model):
    """Which of its lives the system is in; on every screen, and checked before anything is changed."""

    name: str = "unnamed"
    production: bool | None = None  # None: told from the name (prod, production, live)
    system_identifier: str = ""  # of the database that actions may change; "" refuses them in production

    @property
    def is_production(self) -> bool:
        if self.production is not None:
            return self.production
        return re.match(r"(prod|live)", self.name, re.I) is not None


class _Source(Model):
    interval: Seconds = 5.0
    timeout: Seconds = 3.0
    title: str = ""
    runbook: str = ""


class HttpSource(_Source):
    kind: Literal["http"]
    url: str
    paths: tuple[str, ...]
    headers: dict[str, str] = Field(default_factory=dict)
    max_bytes: int = Field(default=262_144, gt=0)
    version_field: str = "version"  # top-level key of a JSON answer


class PostgresSource(_Source):
    kind: Literal["postgres"]
    dsn: str  # libpq form, without a password: .pgpass, a service file or the environment have that
    action_dsn: str = ""  # for actions; empty: the same
    pooler: bool = False  # through PgBouncer: no session settings, no options=


class S3Source(_Source):
    kind: Literal["s3"]
    bucket: str
    endpoint: str = ""
    region: str = "us-east-1"
    credentials_file: str = ""  # an AWS shared-credentials file; empty: boto3's own search
    aws_profile: str = ""
    canary: str = ""  # key that is read (and written, with canary_write) to measure latency
    canary_write: bool = False
    prefixes: tuple[str, ...] = ()  # newest object and sizes by these; the first is watched for the newest
    walk_calls: int = Field(default=5, ge=0)  # list calls per poll: 1,000 keys each; 0 never walks
    walk_every: Seconds = 900.0  # a finished walk starts again after this


class QueueSource(_Source):
    kind: Literal["queue"]
    database: str
    preset: str = ""
    mapping: dict[str, Any] | None = None  # instead of a preset, or over it
    types: tuple[str, ...] = ()  # known types, shown even when nothing of them is there
    window: Seconds = 900.0
    stale_after: dict[str, Seconds] = Field(default_factory=dict)  # per type, over the mapping's

    @model_validator(mode="after")
    def _has_mapping(self) -> QueueSource:
        if not self.preset and self.mapping is None:
            raise ValueError("a queue needs `preset` (one of services/queues/presets) or a `mapping` table")
        return self


class _OfQueue(_Source):
    queue: str  # the queue source whose mapping says where


class RunsSource(_OfQueue):
    kind: Literal["runs"]
    window: Seconds = 86_400.0


class FlagsSource(_OfQueue):
    kind: Literal["flags"]


class ReaperSource(_OfQueue):
    kind: Literal["reaper"]


Source = Annotated[
    HttpSource | PostgresSource | S3Source | QueueSource | RunsSource | FlagsSource | ReaperSource,
    Field(discriminator="kind"),
]


class _Action(Model):
    title: str
    key: str = ""  # the capital letter that starts it
    role: Role = "operator"
    risk: Risk = "medium"
    cap: int = Field(default=100, ge=1, le=1000)
    runbook: str = ""
    help: str = ""


class RowsAction(_Action):
    """Changes rows as the queue's preset says under `[actions.DO]`."""

    effect: Literal["rows"]
    queue: str
    do: str
    select: Literal["stale", "rows"] = (
        "rows"  # stale: rows with both signs of death; rows: named or matched by a filter
    )


class FlagAction(_Action):
    """Writes one feature flag. `{param}` in `flag` is filled from the parameters."""

    effect: Literal["flag"]
    queue: str
    flag: str
    enabled: bool | None = None  # None: the parameter `enabled` says
    takes_value: bool = False
    params: dict[str, str] = Field(default_factory=dict)  # placeholder -> pattern it must match in full


Action = Annotated[RowsAction | FlagAction, Field(discriminator="effect")]


class Rule(Model):
    """A threshold of the runbook over one figure of one source."""

    title: str
    kind: Literal["threshold"] = "threshold"
    source: str
    figure: str  # dotted path in the source's values, e.g. "total.failure_rate"
    op: Literal[">", ">=", "<", "<="] = ">"
    value: float
    for_: Seconds = Field(default=0.0, alias="for")
    events: str = ""  # figure that must be at least min_events, or the verdict is unknown
    min_events: int = 0
    severity: str = ""
    runbook: str = ""
    assumption: str = ""
    remedy: str = ""  # action id


class Pattern(Model):
    """A known bad pattern: stable error codes and what to look at first."""

    title: str
    codes: tuple[str, ...]
    first_checks: tuple[str, ...]
    runbook: str = ""


class Checklist(Model):
    title: str
    steps: tuple[str, ...]
    runbook: str = ""


class Roles(Model):
    """Who may do what, by login name. A database that has watchdeck's roles can only lower it."""

    default: Role = "viewer"
    viewers: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()

    def of(self, actor: str) -> Role:
        if actor in self.admins:
            return "admin"
        if actor in self.operators:
            return "operator"
        return "viewer" if actor in self.viewers else self.default


class Demo(Model):
    """Only in the profile that a running demo writes: where its scenarios are started."""

    control: str
    scenarios: dict[str, str] = Field(default_factory=dict)  # name -> title


class Profile(Model):
    schema_: Literal[1] = Field(alias="schema")
    name: Id
    title: str
    severities: tuple[str, ...] = ("SEV1", "SEV2", "SEV3", "SEV4")
    environment: Environment = Environment()
    roles: Roles = Roles()
    sources: dict[Id, Source]
    rules: dict[Id, Rule] = Field(default_factory=dict)
    actions: dict[Id, Action] = Field(default_factory=dict)
    patterns: dict[Id, Pattern] = Field(default_factory=dict)
    checks: dict[Id, Checklist] = Field(default_factory=dict)
    checklists: dict[Id, Checklist] = Field(default_factory=dict)
    playbooks: dict[Id, Checklist] = Field(default_factory=dict)
    records: dict[Id, Checklist] = Field(default_factory=dict)
    views: dict[Id, Checklist] = Field(default_factory=dict)
    tools: dict[Id, Checklist] = Field(default_factory=dict)
    demo: Demo | None = None

    @field_validator("sources")
    @classmethod
    def _some(cls, sources: dict[str, Source]) -> dict[str, Source]:
        if not sources:
            raise ValueError("a profile needs at least one source")
        return sources

    @model_validator(mode="after")
    def _references(self) -> Profile:
        def kind_of(name: str) -> str | None:
            found = self.sources.get(name)
            return found.kind if found else None

        for name, source in self.sources.items():
            if isinstance(source, QueueSource) and kind_of(source.database) != "postgres":
                raise ValueError(f"sources.{name}.database: no postgres source is named {source.database!r}")
            if isinstance(source, _OfQueue) and kind_of(source.queue) != "queue":
                raise ValueError(f"sources.{name}.queue: no queue source is named {source.queue!r}")
        for name, action in self.actions.items():
            if kind_of(action.queue) != "queue":
                raise ValueError(f"actions.{name}.queue: no queue source is named {action.queue!r}")
        for name, rule in self.rules.items():
            if rule.source not in self.sources:
                raise ValueError(f"rules.{name}.source: no source is named {rule.source!r}")
            if rule.remedy and rule.remedy not in self.actions:
                raise ValueError(f"rules.{name}.remedy: no action is named {rule.remedy!r}")
        return self

    def of_kind(self, kind: str) -> dict[str, Any]:
        """The sources of one kind, in the profile's order."""
        return {name: source for name, source in self.sources.items() if source.kind == kind}


# ---------------------------------------------------------------------------------------------------------------------
# Reading it. `${NAME}` and `${NAME:-default}` are filled in addresses, headers and [environment], nowhere else.

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ADDRESSES = {"url", "dsn", "action_dsn", "endpoint", "bucket", "credentials_file", "aws_profile"}


def _expand(text: str, where: str, file: str) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        found = os.environ.get(name) or default
        if found is None:
            raise ConfigError(
                f"{file}: {where}: the environment variable {name} is not set",
                f"export {name}=..., or write ${{{name}:-default}} in the profile",
            )
        return found

    return _VARIABLE.sub(value, text)


def _with_environment(data: dict[str, Any], file: str) -> dict[str, Any]:
    def walk(node: Any, path: tuple[str, ...]) -> Any:
        if isinstance(node, dict):
            return {key: walk(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value, (*path, str(at))) for at, value in enumerate(node)]
        if isinstance(node, str) and "${" in node:
            allowed = path[0] == "environment" or (
                path[0] == "sources" and (path[-1] in _ADDRESSES or (len(path) > 2 and path[2] == "headers"))
            )
            where = ".".join(path)
            if not allowed:
                raise ConfigError(f"{file}: {where}: ${{...}} is allowed in addresses and headers only")
            return _expand(node, where, file)
        return node

    expanded: dict[str, Any] = walk(data, ())
    return expanded


def shipped() -> tuple[str, ...]:
    """The names of the profiles that come with watchdeck."""
    folder = resources.files("services") / "profiles"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def find(name: str | None) -> Path | None:
    """Where the profile is: --profile NAME|PATH, $WATCHDECK_PROFILE, ./watchdeck.toml, then the user's config folder.

    None when nothing was asked for and nothing is there. ConfigError when what was asked for is not there.
    """
    import platformdirs

    config = Path(platformdirs.user_config_dir("watchdeck"))
    wanted = name or os.environ.get("WATCHDECK_PROFILE")
    if not wanted:
        return next((p for p in (Path("watchdeck.toml"), config / "profile.toml") if p.is_file()), None)
    if "/" in wanted or wanted.endswith(".toml"):
        path = Path(wanted).expanduser()
        if path.is_file():
            return path
        raise ConfigError(
            f"{path}: no such profile file", "give the path of a TOML file, or a name from `watchdeck profile list`"
        )
    if (own := config / f"{wanted}.toml").is_file():
        return own
    if wanted in shipped():
        return Path(str(resources.files("services") / "profiles" / f"{wanted}.toml"))
    raise ConfigError(
        f"no profile is named {wanted!r}",
        f"shipped are {', '.join(shipped())}; your own go into {config}",
    )


def load(path: Path) -> Profile:
    """The validated profile. ConfigError names the file, the table and the key, and what to do."""
    file = str(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    if mode & stat.S_IWOTH:
        raise ConfigError(f"{file}: anyone on this machine may write to it", f"chmod o-w {file}")
    return parse(text, file)


def parse(text: str, file: str) -> Profile:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{file}: not valid TOML: {error}", "a table or key that stands twice is an error too"
        ) from error
    try:
        return Profile.model_validate(_with_environment(data, file), strict=False)
    except ValidationError as error:
        raise ConfigError(
            _problems(error, file), "`watchdeck profile check PATH` checks it again without any network"
        ) from None


_TAGS = {"http", "postgres", "s3", "queue", "runs", "flags", "reaper", "rows", "flag"}


def _problems(error: ValidationError, file: str) -> str:
    """One line per problem: file, [table] key, what is wrong. Values are left out: they may be secret."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        # the discriminator's tag is pydantic's, not the file's: sources.db.postgres.dsn is [sources.db] dsn
        loc = [str(part) for at, part in enumerate(problem["loc"]) if not (at == 2 and part in _TAGS)]
        table, key = (".".join(loc[:-1]), loc[-1]) if loc else ("", "")
        where = f"[{table}] {key}" if table else key
        what = {"extra_forbidden": "unknown key", "missing": "is required"}.get(problem["type"], problem["msg"])
        lines.append(f"{file}: {where}: {what}" if where else f"{file}: {what}")
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------------------------------
# The queue's mapping: a preset, with the profile's own table laid over it.


def presets() -> tuple[str, ...]:
    folder = resources.files("services") / "queues" / "presets"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def mapping_of(source: QueueSource, name: str) -> Mapping:
    """The complete mapping of a queue source. ConfigError names the preset or table and the key."""
    data: dict[str, Any] = {}
    where = f"[sources.{name}.mapping]"
    if source.preset:
        if source.preset not in presets():
            raise ConfigError(
                f"sources.{name}.preset: no preset is named {source.preset!r}", f"there are: {', '.join(presets())}"
            )
        where = f"presets/{source.preset}.toml"
        data = tomllib.loads((resources.files("services") / "queues" / "presets" / f"{source.preset}.toml").read_text())
    for table, value in (source.mapping or {}).items():
        both = isinstance(value, dict) and isinstance(data.get(table), dict)
        data[table] = {**data[table], **value} if both else value
    try:
        return Mapping.model_validate(data, strict=False)
    except ValidationError as error:
        raise ConfigError(_problems(error, where)) from None
