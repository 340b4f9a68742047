"""What procedures, records and named places refer to and is not there: rules, checks, sources, figures, actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from services import figures
from services.profile import Condition, Procedure, Profile, WindowRecord

_ABOUT = ("ids", "filter", "value", "expires", "enabled", "for")  # of any action, beside its own parameters


def procedures(profile: Profile) -> Iterator[str]:
    """One line per reference that leads nowhere, naming its table."""
    for name, check in profile.checks.items():
        yield from (f"[checks.{name}] {said}" for said in _condition(profile, check))
        if check.check:
            yield f"[checks.{name}] check: a check cannot be about another"
    for table, found in (("checklists", profile.checklists), ("playbooks", profile.playbooks)):
        for name, procedure in found.items():
            yield from (f"[{table}.{name}.{said}" for said in _steps(profile, procedure))
    for both in profile.checklists.keys() & profile.playbooks.keys():
        yield f"[playbooks.{both}] there is a checklist of this name"
    for both in profile.procedures.keys() & profile.records.keys():
        yield f"[records.{both}] there is a checklist or playbook of this name"
    for name, action in profile.actions.items():
        if action.gate and not (action.gate in profile.checklists and profile.checklists[action.gate].gate):
            yield f"[actions.{name}] gate: no checklist with `gate = true` is named {action.gate!r}"
    yield from _records(profile)


def _steps(profile: Profile, procedure: Procedure) -> Iterator[str]:
    for id_, step in procedure.steps.items():
        for key, conditions in (("holds", step.holds), ("shows", step.shows)):
            for condition in conditions:
                if procedure.gate and condition.action and condition.within is None:
                    yield f"steps.{id_}] {key}: within: no run of a gate is waited for, since when would it be?"
                yield from (f"steps.{id_}] {key}: {said}" for said in _condition(profile, condition))
        for condition in step.shows:
            if condition in step.holds:
                yield f"steps.{id_}] shows: {condition.about}: it is demanded in holds, and shown by that"
        if step.action and step.action not in profile.actions:
            yield f"steps.{id_}] action: no action is named {step.action!r}"
        if step.args and not step.action:
            yield f"steps.{id_}] args: of which action?"
        elif step.action in profile.actions:
            params = getattr(profile.actions[step.action], "params", {})
            yield from (f"steps.{id_}] args.{said}" for said in _args(step.args, params))


def _args(args: Mapping[str, str], params: Mapping[str, str]) -> Iterator[str]:
    for name, value in args.items():
        if name not in params and name not in _ABOUT:
            yield f"{name}: its action has no such parameter"
        elif name in params and not _fits(params[name], value):
            yield f"{name}: {value!r} does not match {params[name]}"


def _fits(pattern: str, value: str) -> bool:
    """One that is no pattern is told of where it stands."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _condition(profile: Profile, condition: Condition) -> Iterator[str]:
    known: dict[str, Mapping[str, object]] = {
        "rule": profile.rules,
        "check": profile.checks,
        "source": profile.sources,
        "action": profile.actions,
        "release": profile.releases,
        "record": {**profile.procedures, **profile.records, **profile.actions},
    }
    named = getattr(condition, condition.about)
    if named not in known[condition.about]:
        yield f"no {condition.about} is named {named!r}"
    elif condition.figure and not figures.exists(profile.sources[named].kind, condition.figure):
        yield f"sources of kind {profile.sources[named].kind} have no figure {condition.figure!r}"


def _records(profile: Profile) -> Iterator[str]:
    for name, record in profile.records.items():
        told = [getattr(record, "checklist", ""), *getattr(record, "procedures", {}).values()]
        if isinstance(record, WindowRecord):
            told.append(record.smoke)
        for procedure in told:
            if procedure and procedure not in profile.procedures:
                yield f"[records.{name}] no checklist or playbook is named {procedure!r}"
        for word in getattr(record, "severities", {}):
            if word not in profile.severities:
                yield f"[records.{name}.severities] {word!r} is none of this profile's severities"
