"""The kinds of effects, one file each, and the table that leads from an action to its own."""

from __future__ import annotations

from services.actions.effects.effect import Course, Effect, LineHook, Order, Prospect, StepHook, unheard
from services.actions.effects.flag import Flag
from services.actions.effects.in_database import InDatabase
from services.actions.effects.rows import Rows
from services.actions.effects.session import Session
from services.profile import FlagAction, Profile, RowsAction, SessionAction

__all__ = [
    "Course",
    "Effect",
    "InDatabase",
    "LineHook",
    "Order",
    "Prospect",
    "StepHook",
    "effect_of",
    "in_databases",
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
    raise NotImplementedError


def in_databases(profile: Profile) -> dict[str, InDatabase]:
    """The actions that have a function in a database, by their ids."""
    effects = {name: effect_of(profile, name) for name in profile.actions}
    return {name: effect for name, effect in effects.items() if isinstance(effect, InDatabase)}
