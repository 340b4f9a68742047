"""A profile: one TOML file that says what to watch, how to judge it and what may be done about it.

The models are made when one is first asked for: it takes 0.2 s, and the console paints before that.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.profile.actions import Action, FlagAction, Risk, Role, RowsAction
    from services.profile.file import load, parse, validated
    from services.profile.models import Checklist, Demo, Environment, Pattern, Profile, Roles, Rule
    from services.profile.place import find, owned, shipped
    from services.profile.preset import check_mappings, mapping_of, presets
    from services.profile.raw import Raw, read
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

_MODULES = {
    "actions": ("Action", "FlagAction", "Risk", "Role", "RowsAction"),
    "file": ("load", "parse", "validated"),
    "models": ("Checklist", "Demo", "Environment", "Pattern", "Profile", "Roles", "Rule"),
    "place": ("find", "owned", "shipped"),
    "preset": ("check_mappings", "mapping_of", "presets"),
    "raw": ("Raw", "read"),
    "sources": (
        *("FlagsSource", "HttpSource", "PostgresSource", "QueueSource", "ReaperSource", "RunsSource", "S3Source"),
        "Source",
    ),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


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
    "Raw",
    "ReaperSource",
    "Risk",
    "Role",
    "Roles",
    "RowsAction",
    "Rule",
    "RunsSource",
    "S3Source",
    "Source",
    "check_mappings",
    "find",
    "load",
    "mapping_of",
    "owned",
    "parse",
    "presets",
    "read",
    "shipped",
    "validated",
]
