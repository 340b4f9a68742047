"""From a capital letter and what is selected to a request: which action is meant, and on what."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.actions.ids import joined
from services.actions.plan import Request, Way
from services.profile import (
    Action,
    ElevationAction,
    FlagAction,
    MaintenanceAction,
    RestoreTestAction,
    RowsAction,
    SessionAction,
    SilenceAction,
    UnitAction,
    mapping_of,
)
from services.readings import FlagsValues
from tui.deck import Deck
from tui.selection import Of, Selection


class NotHere(Exception):
    """Nothing is selected that the action could be about; the message says what to do, `view` and `page` where."""

    def __init__(self, message: str, view: str = "", page: str = "") -> None:
        super().__init__(message)
        self.view = view
        self.page = page


class Lacking(NotHere):
    """The action is about something that can be asked for by its name."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


def action_for(deck: Deck, key: str, selection: Selection) -> str:
    """The action that has this key; of two flag actions, the one that changes something."""
    found = [name for name, action in deck.profile.actions.items() if action.key == key]
    if not found:
        raise NotHere(f"the profile {deck.profile.name} has no action on the key {key}")
    flags = deck.values("flags", FlagsValues)
    paused = bool(flags and selection.type and flags.paused(selection.type))
    for name in found:
        action = deck.profile.actions[name]
        if isinstance(action, FlagAction) and action.enabled is paused:
            return name
    return found[0]


def request(deck: Deck, action_id: str, selection: Selection, way: Way, **more: str) -> Request:
    """NotHere when the selection does not fit the action; Lacking when `more` could say what it is about."""
    action = deck.profile.actions[action_id]
    about = more.keys() & {"ids", "filter"}
    args = {} if about else _args(deck, action, selection, more)
    return Request(action=action_id, args={**args, **{k: v for k, v in more.items() if v}}, way=way)


def _args(deck: Deck, action: Action, selection: Selection, more: Mapping[str, str]) -> dict[str, str]:
    match action:
        case RowsAction():
            return _rows(deck, action, selection)
        case FlagAction():
            return _flag(deck, action, selection, more)
        case SessionAction():
            return _named(action, selection, "sessions", "a session (view 8 Database)", ("database", "sessions"))
        case MaintenanceAction():
            if action.do == "reindex":
                return {}  # of indexes: they are asked for
            return _named(action, selection, "tables", "tables (view 8 Database)", ("database", "tables"))
        case UnitAction():
            return _unit(action, selection)
        case SilenceAction():
            return _alert(action, selection)
        case RestoreTestAction():
            # the newest one from anywhere; a mark in the view `backups` names another
            return {"dump": selection.ids[0]} if selection.of == "dumps" and selection.marked else {}
        case ElevationAction():
            chosen = selection.of == "elevations" and selection.ids and action.do != "request"
            return {"ids": joined(selection.ids)} if chosen else {}
    return {}  # of commands and calls the parameters are asked for


def _named(action: Action, selection: Selection, of: Of, what: str, where: tuple[str, str]) -> dict[str, str]:
    """The ids, if things of this kind are selected; none where the action knows by itself what it is about."""
    if selection.of == of and selection.ids and (not action.complete or selection.marked):
        return {"ids": joined(selection.ids)}
    if action.complete:
        return {}
    raise NotHere(f"{action.title}: select {what} first", *where)


def _unit(action: UnitAction, selection: Selection) -> dict[str, str]:
    """The selected ones, or the one that an alert is about."""
    told = dict(selection.labels).get("unit", "")
    if told in action.units:
        return {"ids": joined((told,))}
    return _named(action, selection, "units", "a unit (`:services`)", ("services", ""))


def _alert(action: SilenceAction, selection: Selection) -> dict[str, str]:
    what, where = f"an alert of {action.source} (view 0 Alerts, page elsewhere)", ("alerts", "elsewhere")
    if selection.source != action.source:
        raise NotHere(f"{action.title}: select {what} first", *where)
    return _named(action, selection, "remote", what, where)


def _rows(deck: Deck, action: RowsAction, selection: Selection) -> dict[str, str]:
    if action.select == "stale":
        # from anywhere it takes all that may be released; marks on the Locks view narrow it
        return {"ids": joined(selection.ids)} if selection.of == "locks" and selection.marked else {}
    if action.select == "all" and not selection.marked:
        return {}
    of = mapping_of(deck.profile.of_kind("queue")[action.queue], action.queue).actions[action.do].of
    fits = ("runs",) if of == "runs" else ("jobs", "locks", "types")
    if selection.of in fits and selection.ids:
        return {"ids": joined(selection.ids)}
    if selection.of in fits and selection.filter:
        return {"filter": selection.filter}
    view, spot = ("runs", "view 6 Runs") if of == "runs" else ("failures", "views 5 Failures, 3 Jobs")
    raise NotHere(f"{action.title}: select {of} first ({spot})", view)


def _flag(deck: Deck, action: FlagAction, selection: Selection, more: Mapping[str, str]) -> dict[str, str]:
    args = {}
    for param in action.params:
        value = more.get(param) or (selection.type if param == "type" else _of_flag(action, selection, param))
        if not value:
            what = "a job type (view 2 Queues)" if param == "type" else "a flag (`:flags`)"
            raise Lacking(f"{action.title}: select {what} first", param)
        args[param] = value
    if action.enabled is None:
        flags = deck.values("flags", FlagsValues)
        name = re.sub(r"\{(\w+)\}", lambda match: args[match[1]], action.flag)
        old = next((flag for flag in flags.flags if flag.name == name), None) if flags else None
        args["enabled"] = "false" if old and old.enabled else "true"
    return args


def _of_flag(action: FlagAction, selection: Selection, param: str) -> str:
    """The part of the selected flag's name that stands where the action's name has `{param}`."""
    before, _, after = action.flag.partition(f"{{{param}}}")
    name = selection.flag
    if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after):
        return name[len(before) : len(name) - len(after)]
    return ""
