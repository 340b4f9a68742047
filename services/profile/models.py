"""A profile as validated models; unknown keys and dangling references are errors."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from services.model import Model
from services.profile.acting import Role
from services.profile.actions import Action, OnBucket, OnDatabase, OnQueue, SilenceAction
from services.profile.backups import BackupAction, RestoreTestAction
from services.profile.maintenance import Maintenance, References
from services.profile.notify import Channel
from services.profile.places import HouseRule, NamedView, Signal, Tool
from services.profile.procedures import Check, Id, Procedure
from services.profile.purging import PurgeAction
from services.profile.raw import is_production
from services.profile.records import Escalation, Record
from services.profile.releases import Release
from services.profile.restricted import ElevationAction, Restricted
from services.profile.rules import Rule
from services.profile.runbook import RunbookPlace
from services.profile.sources import DueSource, OfDatabase, OfQueue, QueueSource, Source


class Environment(Model):
    """Which of its lives the system is in; on every screen, and checked before anything is changed."""

    name: str = "unnamed"
    production: bool | None = None  # None: told from the name (prod, production, live)
    system_identifier: str = ""  # of the database that actions may change; "" refuses them in production

    @property
    def is_production(self) -> bool:
        return is_production(self.name, self.production)


class Pattern(Model):
    """A known bad pattern: stable error codes and what to look at first."""

    title: str
    codes: tuple[str, ...]
    first_checks: tuple[str, ...]
    runbook: str = ""


class Roles(Model):
    """Who may do what, by login name. A database that has watchdeck's roles can only lower it."""

    default: Role = "viewer"
    supporters: tuple[str, ...] = ()  # metadata and states, and what an elevation opens
    viewers: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()

    def of(self, actor: str) -> Role:
        if actor in self.admins:
            return "admin"
        if actor in self.operators:
            return "operator"
        if actor in self.viewers:
            return "viewer"
        return "support" if actor in self.supporters else self.default


class Demo(Model):
    """Only in the profile that a running demo writes."""

    control: str  # where its scenarios are started
    state: str = ""  # the folder for its local records: they go when it goes
    scenarios: dict[str, str] = Field(default_factory=dict)  # name -> title


class Profile(Model):
    schema_: Literal[1] = Field(alias="schema")
    name: Id
    title: str
    severities: tuple[str, ...] = ("SEV1", "SEV2", "SEV3", "SEV4")
    environment: Environment = Environment()
    roles: Roles = Roles()
    runbook: RunbookPlace = RunbookPlace()
    sources: dict[Id, Source]
    rules: dict[Id, Rule] = Field(default_factory=dict)
    actions: dict[Id, Action] = Field(default_factory=dict)
    notify: dict[Id, Channel] = Field(default_factory=dict)
    maintenance: dict[Id, Maintenance] = Field(default_factory=dict)
    references: References = References()
    restricted: Restricted = Restricted()
    patterns: dict[Id, Pattern] = Field(default_factory=dict)
    checks: dict[Id, Check] = Field(default_factory=dict)
    checklists: dict[Id, Procedure] = Field(default_factory=dict)
    playbooks: dict[Id, Procedure] = Field(default_factory=dict)
    records: dict[Id, Record] = Field(default_factory=dict)
    escalation: dict[Id, Escalation] = Field(default_factory=dict)
    views: dict[Id, NamedView] = Field(default_factory=dict)
    tools: dict[Id, Tool] = Field(default_factory=dict)
    releases: dict[Id, Release] = Field(default_factory=dict)
    signals: dict[Id, dict[Id, Signal]] = Field(default_factory=dict)
    house: dict[Id, HouseRule] = Field(default_factory=dict)
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
            if isinstance(source, QueueSource | OfDatabase) and kind_of(source.database) != "postgres":
                raise ValueError(f"sources.{name}.database: no postgres source is named {source.database!r}")
            if isinstance(source, OfQueue) and kind_of(source.queue) != "queue":
                raise ValueError(f"sources.{name}.queue: no queue source is named {source.queue!r}")
        for name, action in self.actions.items():
            if isinstance(action, OnQueue) and kind_of(action.queue) != "queue":
                raise ValueError(f"actions.{name}.queue: no queue source is named {action.queue!r}")
            if isinstance(action, OnDatabase) and kind_of(action.database) != "postgres":
                raise ValueError(f"actions.{name}.database: no postgres source is named {action.database!r}")
            if isinstance(action, OnBucket) and kind_of(action.database) != "postgres":
                raise ValueError(f"actions.{name}.database: no postgres source is named {action.database!r}")
            if isinstance(action, OnBucket) and kind_of(action.storage) != "s3":
                raise ValueError(f"actions.{name}.storage: no s3 source is named {action.storage!r}")
            if isinstance(action, SilenceAction) and kind_of(action.source) != "alertmanager":
                raise ValueError(f"actions.{name}.source: no alertmanager source is named {action.source!r}")
            if isinstance(action, BackupAction) and kind_of(action.database) != "postgres":
                raise ValueError(f"actions.{name}.database: no postgres source is named {action.database!r}")
            if isinstance(action, BackupAction) and kind_of(action.store) not in ("s3", "bucket"):
                raise ValueError(f"actions.{name}.store: no s3 or bucket source is named {action.store!r}")
            dumps = self.actions.get(action.backup) if isinstance(action, RestoreTestAction) else None
            if isinstance(action, RestoreTestAction) and action.backup and not isinstance(dumps, BackupAction):
                raise ValueError(f"actions.{name}.backup: no action that dumps is named {action.backup!r}")
        elevates = self.restricted.reads or any(isinstance(action, ElevationAction) for action in self.actions.values())
        if elevates and kind_of(self.restricted.database) != "postgres":
            raise ValueError(f"restricted.database: no postgres source is named {self.restricted.database!r}")
        for name, source in self.sources.items():
            for action_id in source.actions if isinstance(source, DueSource) else ():
                if not isinstance(self.actions.get(action_id), PurgeAction):
                    raise ValueError(f'sources.{name}.actions: {action_id!r} is no action with effect = "purge"')
        for name, rule in self.rules.items():
            if rule.source not in self.sources:
                raise ValueError(f"rules.{name}.source: no source is named {rule.source!r}")
            if rule.remedy and rule.remedy not in self.actions:
                raise ValueError(f"rules.{name}.remedy: no action is named {rule.remedy!r}")
        return self

    @property
    def procedures(self) -> dict[str, Procedure]:
        """Checklists and playbooks, by id."""
        return {**self.checklists, **self.playbooks}

    def of_kind(self, kind: str) -> dict[str, Any]:
        """The sources of one kind, in the profile's order."""
        return {name: source for name, source in self.sources.items() if source.kind == kind}


# ---------------------------------------------------------------------------------------------------------------------
