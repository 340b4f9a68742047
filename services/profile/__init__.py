"""A profile: one TOML file that says what to watch, how to judge it and what may be done about it."""

from services.profile.actions import Action, FlagAction, Risk, Role, RowsAction
from services.profile.file import find, load, owned, parse, shipped
from services.profile.models import Checklist, Demo, Environment, Pattern, Profile, Roles, Rule
from services.profile.preset import mapping_of, presets
from services.profile.sources import (
    FlagsSource,
    HttpSource,
    PostgresSource,
    QueueSource,
    ReaperSource,
    RunsSource,
    S3Source,
    Source,
)

__all__ = [
    "Action",
    "Checklist",
    "Demo",
    "Environment",
    "FlagAction",
    "FlagsSource",
    "HttpSource",
    "Pattern",
    "PostgresSource",
    "Profile",
    "QueueSource",
    "ReaperSource",
    "Risk",
    "Role",
    "Roles",
    "RowsAction",
    "Rule",
    "RunsSource",
    "S3Source",
    "Source",
    "find",
    "load",
    "mapping_of",
    "owned",
    "parse",
    "presets",
    "shipped",
]
