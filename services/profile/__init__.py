"""A profile: one TOML file that says what to watch, how to judge it and what may be done about it.

The models are made when one is first asked for: it takes 0.2 s, and the console paints before that.
"""

from typing import TYPE_CHECKING

from services.lazy import attributes

if TYPE_CHECKING:
    from services.profile.acting import RANK, Risk, Role
    from services.profile.actions import (
        Action,
        CommandAction,
        FlagAction,
        HttpAction,
        MaintenanceAction,
        OnDatabase,
        OnQueue,
        OutsideAction,
        RowsAction,
        SessionAction,
        SilenceAction,
        UnitAction,
    )
    from services.profile.backups import BackupAction, RestoreTestAction
    from services.profile.cleaning import FilesAction
    from services.profile.file import load, parse, validated
    from services.profile.models import Demo, Environment, Pattern, Profile, Roles
    from services.profile.place import find, owned, shipped
    from services.profile.places import HouseRule, NamedView, Signal, Tool
    from services.profile.preset import check_mappings, mapping_of, presets
    from services.profile.procedures import Check, Condition, Procedure, Step
    from services.profile.purging import PurgeAction, PurgeKind, VerifyAction
    from services.profile.raw import Raw, read
    from services.profile.records import (
        DrillRecord,
        Escalation,
        FormRecord,
        IncidentRecord,
        Severity,
        WindowRecord,
    )
    from services.profile.releases import Release, RolloutAction, Told
    from services.profile.restricted import ElevationAction, Read, Restricted
    from services.profile.rules import AnyRule, Rule
    from services.profile.sources import (
        AlertmanagerSource,
        BackupsSource,
        BucketSource,
        ClocksSource,
        CommandSource,
        DiskSource,
        EndpointMetrics,
        FilesSource,
        FlagsSource,
        HostSource,
        HttpSource,
        Items,
        JsonSource,
        LogsSource,
        MinioSource,
        PostgresSource,
        PrometheusSource,
        PromqlSource,
        QueueSource,
        Quota,
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
    "acting": ("RANK", "Risk", "Role"),
    "actions": (
        *("Action", "CommandAction", "FlagAction", "HttpAction", "MaintenanceAction", "OnDatabase"),
        *("OnQueue", "OutsideAction", "RowsAction", "SessionAction", "SilenceAction", "UnitAction"),
    ),
    "backups": ("BackupAction", "RestoreTestAction"),
    "cleaning": ("FilesAction",),
    "file": ("load", "parse", "validated"),
    "models": ("Demo", "Environment", "Pattern", "Profile", "Roles"),
    "place": ("find", "owned", "shipped"),
    "places": ("HouseRule", "NamedView", "Signal", "Tool"),
    "preset": ("check_mappings", "mapping_of", "presets"),
    "procedures": ("Check", "Condition", "Procedure", "Step"),
    "raw": ("Raw", "read"),
    "releases": ("Release", "RolloutAction", "Told"),
    "records": ("DrillRecord", "Escalation", "FormRecord", "IncidentRecord", "Severity", "WindowRecord"),
    "restricted": ("ElevationAction", "Read", "Restricted"),
    "purging": ("PurgeAction", "PurgeKind", "VerifyAction"),
    "rules": ("AnyRule", "Rule"),
    "sources": (
        *("AlertmanagerSource", "EndpointMetrics", "JsonSource", "PrometheusSource", "PromqlSource"),
        *("ClocksSource", "CommandSource", "DiskSource", "FilesSource", "HostSource", "LogsSource", "SystemdSource"),
        *("FlagsSource", "HttpSource", "PostgresSource", "QueueSource", "ReaperSource", "RunsSource", "S3Source"),
        *("Items", "Quota"),
        *("BackupsSource", "BucketSource", "MinioSource", "RedisSource", "Source", "TcpSource", "TlsSource"),
    ),
}
__getattr__ = attributes(__name__, _MODULES)

__all__ = [
    "RANK",
    "Action",
    "AlertmanagerSource",
    "AnyRule",
    "BackupAction",
    "BackupsSource",
    "BucketSource",
    "Check",
    "ClocksSource",
    "CommandAction",
    "CommandSource",
    "Condition",
    "Demo",
    "DiskSource",
    "DrillRecord",
    "ElevationAction",
    "EndpointMetrics",
    "Environment",
    "Escalation",
    "FilesAction",
    "FilesSource",
    "FlagAction",
    "FlagsSource",
    "FormRecord",
    "HostSource",
    "HouseRule",
    "HttpAction",
    "HttpSource",
    "IncidentRecord",
    "Items",
    "JsonSource",
    "LogsSource",
    "MaintenanceAction",
    "MinioSource",
    "NamedView",
    "OnDatabase",
    "OnQueue",
    "OutsideAction",
    "Pattern",
    "PostgresSource",
    "Procedure",
    "Profile",
    "PrometheusSource",
    "PromqlSource",
    "PurgeAction",
    "PurgeKind",
    "QueueSource",
    "Quota",
    "Raw",
    "Read",
    "ReaperSource",
    "RedisSource",
    "Release",
    "RestoreTestAction",
    "Restricted",
    "Risk",
    "Role",
    "Roles",
    "RolloutAction",
    "RowsAction",
    "Rule",
    "RunsSource",
    "S3Source",
    "SessionAction",
    "Severity",
    "Signal",
    "SilenceAction",
    "Source",
    "Step",
    "SystemdSource",
    "TcpSource",
    "TlsSource",
    "Told",
    "Tool",
    "UnitAction",
    "VerifyAction",
    "WindowRecord",
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
