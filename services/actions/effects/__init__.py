"""The kinds of effects, a file or a folder each, and the table that leads from an action to its own."""

from __future__ import annotations

from services.actions.effects.backup.effect import Backup
from services.actions.effects.command import Command
from services.actions.effects.effect import Course, Effect, LineHook, Order, Prospect, StepHook, unheard
from services.actions.effects.elevation.effect import Elevation
from services.actions.effects.files.effect import Files
from services.actions.effects.flag.effect import Flag
from services.actions.effects.http import Http
from services.actions.effects.in_database import InDatabase
from services.actions.effects.maintenance.effect import Maintenance
from services.actions.effects.outside import Outside
from services.actions.effects.purge.effect import Purge
from services.actions.effects.restore.effect import RestoreTest
from services.actions.effects.rollout.effect import RollOut
from services.actions.effects.rows.effect import Rows
from services.actions.effects.session.effect import Session
from services.actions.effects.silence.effect import Silence
from services.actions.effects.unit.effect import Unit
from services.actions.effects.verify.effect import Verify
from services.profile import (
    BackupAction,
    CommandAction,
    ElevationAction,
    FilesAction,
    FlagAction,
    HttpAction,
    MaintenanceAction,
    Profile,
    PurgeAction,
    RestoreTestAction,
    RolloutAction,
    RowsAction,
    SessionAction,
    SilenceAction,
    UnitAction,
    VerifyAction,
)

__all__ = [
    "Course",
    "Effect",
    "InDatabase",
    "LineHook",
    "Order",
    "Outside",
    "Prospect",
    "StepHook",
    "effect_of",
    "in_databases",
    "outside",
    "unheard",
]


def effect_of(profile: Profile, action_id: str) -> Effect:
    """What the action does. ConfigError when its mapping does not have it."""
    match profile.actions[action_id]:
        case RowsAction() as action:
            return Rows(profile, action_id, action)
        case FlagAction() as action:
            return Flag(profile, action_id, action)
        case SessionAction() as action:
            return Session(profile, action_id, action)
        case MaintenanceAction() as action:
            return Maintenance(profile, action_id, action)
        case ElevationAction() as action:
            return Elevation(profile, action_id, action)
        case VerifyAction() as action:
            return Verify(profile, action_id, action)
        case PurgeAction() as action:
            return Purge(profile, action_id, action)
        case UnitAction() as action:
            return Unit(profile, action_id, action)
        case CommandAction() as action:
            return Command(profile, action_id, action)
        case HttpAction() as action:
            return Http(profile, action_id, action)
        case SilenceAction() as action:
            return Silence(profile, action_id, action)
        case BackupAction() as action:
            return Backup(profile, action_id, action)
        case RestoreTestAction() as action:
            return RestoreTest(profile, action_id, action)
        case RolloutAction() as action:
            return RollOut(profile, action_id, action)
        case FilesAction() as action:
            return Files(profile, action_id, action)


def in_databases(profile: Profile) -> dict[str, InDatabase]:
    """The actions that have a function in a database, by their ids."""
    effects = {name: effect_of(profile, name) for name in profile.actions}
    return {name: effect for name, effect in effects.items() if isinstance(effect, InDatabase)}


def outside(profile: Profile) -> dict[str, Outside]:
    """The other ones."""
    effects = {name: effect_of(profile, name) for name in profile.actions}
    return {name: effect for name, effect in effects.items() if isinstance(effect, Outside)}
