"""A profile: one TOML file that says what to watch, how to judge it and what may be done about it.

The models are made when one is first asked for: it takes 0.2 s, and the console paints before that.
"""

from typing import TYPE_CHECKING

from services.lazy import attributes

if TYPE_CHECKING:
    from services.profile.actions import (
        Action,
        CommandAction,
        FlagAction,
        HttpAction,
        MaintenanceAction,
        OnDatabase,
        OnQueue,
        OutsideAction,
        Risk,
        Role,
        RowsAction,
        SessionAction,
        SilenceAction,
        UnitAction,
    )
    from services.profile.file import load, parse, validated
    from services.profile.models import Checklist, Demo, Environment, Pattern, Profile, Roles
    from services.profile.place import find, owned, shipped
    from services.profile.preset import check_mappings, mapping_of, presets
    from services.profile.raw import Raw, read
    from services.profile.rules import AnyRule, Rule
    from services.profile.sources import (
        AlertmanagerSource,
        BucketSource,
        CommandSource,
        DiskSource,
        EndpointMetrics,
        FilesSource,
        FlagsSource,
        HostSource,
        HttpSource,
        JsonSource,
        LogsSource,
        MinioSource,
        PostgresSource,
        PrometheusSource,
        PromqlSource,
        QueueSource,
        ReaperSource,
        RedisSource,
        RunsSource,
        S3Source,
        Source,
        SystemdSource,
        TcpSource,
        TlsSource,
    )

_MODULES = {
    "actions": (
        *("Action", "CommandAction", "FlagAction", "HttpAction", "MaintenanceAction", "OnDatabase", "OnQueue"),
        *("OutsideAction", "Risk", "Role", "RowsAction", "SessionAction", "SilenceAction", "UnitAction"),
    ),
    "file": ("load", "parse", "validated"),
    "models": ("Checklist", "Demo", "Environment", "Pattern", "Profile", "Roles"),
    "place": ("find", "owned", "shipped"),
    "preset": ("check_mappings", "mapping_of", "presets"),
    "raw": ("Raw", "read"),
    "rules": ("AnyRule", "Rule"),
    "sources": (
        *("AlertmanagerSource", "EndpointMetrics", "JsonSource", "PrometheusSource", "PromqlSource"),
        *("CommandSource", "DiskSource", "FilesSource", "HostSource", "LogsSource", "SystemdSource"),
        *("FlagsSource", "HttpSource", "PostgresSource", "QueueSource", "ReaperSource", "RunsSource", "S3Source"),
        *("BucketSource", "MinioSource", "RedisSource", "Source", "TcpSource", "TlsSource"),
    ),
}
__getattr__ = attributes(__name__, _MODULES)

__all__ = [
    "Action",
    "AlertmanagerSource",
    "AnyRule",
    "BucketSource",
    "Checklist",
    "CommandAction",
    "CommandSource",
    "Demo",
    "DiskSource",
    "EndpointMetrics",
    "Environment",
    "FilesSource",
    "FlagAction",
    "FlagsSource",
    "HostSource",
    "HttpAction",
    "HttpSource",
    "JsonSource",
    "LogsSource",
    "MaintenanceAction",
    "MinioSource",
    "OnDatabase",
    "OnQueue",
    "OutsideAction",
    "Pattern",
    "PostgresSource",
    "Profile",
    "PrometheusSource",
    "PromqlSource",
    "QueueSource",
    "Raw",
    "ReaperSource",
    "RedisSource",
    "Risk",
    "Role",
    "Roles",
    "RowsAction",
    "Rule",
    "RunsSource",
    "S3Source",
    "SessionAction",
    "SilenceAction",
    "Source",
    "SystemdSource",
    "TcpSource",
    "TlsSource",
    "UnitAction",
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
