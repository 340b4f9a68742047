"""How far a release has come: which versions the instances of a component are, and whether that is the right one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from services.readings import HealthValues, NamedValues, Snapshot, Unknown, number
from services.rollout import Instance, Rollout, State
from services.text import safe

if TYPE_CHECKING:
    from services.profile import Profile
    from services.profile.releases import Release, Told
    from services.records.deploys import Deploy


def rollouts(profile: Profile, snapshot: Snapshot, mono: float, deploys: Iterable[Deploy] = ()) -> tuple[Rollout, ...]:
    """Every component, in the profile's order. `deploys`: the changes that were seen, the newest first."""
    told = [*deploys]
    return tuple(
        replace(rollout(name, release, snapshot, mono), since=_since(release, told))
        for name, release in profile.releases.items()
    )


def changed(profile: Profile, source: str, values: object) -> Iterator[tuple[str, str]]:
    """What one reading says of instances that answer under no path of their own: (instance, version)."""
    if not isinstance(values, NamedValues):
        return
    for name, release in profile.releases.items():
        for told in release.instances:
            if told.source == source:
                yield from ((f"{name} {one.name}", one.version) for one in versions(told, values))


def _since(release: Release, deploys: Iterable[Deploy]) -> float | None:
    """When one of its instances was seen to become another version."""
    for one in deploys:
        for told in release.instances:
            if one.source == told.source and one.before and (one.path == told.path or not told.path):
                return one.at
    return None


def rollout(name: str, release: Release, snapshot: Snapshot, mono: float) -> Rollout:
    instances = tuple(one for told in release.instances for one in _instances(told, snapshot, mono))
    pin, unpinned = _pin(release, snapshot, mono)
    state, said = _state(instances, pin, unpinned)
    return Rollout(name, release.title, state, said, instances, pin)


def versions(told: Told, values: object) -> Iterator[Instance]:
    """What one reading says of the instances that `told` is about."""
    if isinstance(values, HealthValues):
        for check in values.checks:
            if check.path == told.path or (not told.path and check.version):
                why = "" if check.version else check.fault.message if check.fault else "its answer names no version"
                yield Instance(f"{told.source} {check.path}", check.version, said=why)
    elif isinstance(values, NamedValues):
        for figure in values.figures:
            labels = dict(figure.labels)
            count = number(figure.value)
            if figure.name != told.figure or not told.match.items() <= labels.items() or count == 0:
                continue
            others = (value for label, value in figure.labels if label != told.label and label not in told.match)
            name = " ".join(others) or told.source
            if count is None or not math.isfinite(count):  # whether it is there at all: so its version is not known
                why = str(figure.value) if isinstance(figure.value, Unknown) else "not known how many there are"
                yield Instance(name, "", said=why)
            else:
                yield Instance(name, labels.get(told.label, ""), round(count))


def _instances(told: Told, snapshot: Snapshot, mono: float) -> Iterable[Instance]:
    state = snapshot.get(told.source)
    if state is None or state.good is None or state.status(mono) != "fresh":
        fault = state.failed.fault if state and state.failed else None
        return (Instance(told.source, "", said=fault.message if fault else "it does not answer"),)
    found = tuple(versions(told, state.good.values))
    return found or (Instance(told.source, "", said="it tells of no instance now"),)


def _pin(release: Release, snapshot: Snapshot, mono: float) -> tuple[str, str]:
    """The version that it should be, and why that is not known."""
    if release.pinned is None:
        return release.pin, ""
    told = tuple(_instances(release.pinned, snapshot, mono))
    known = {one.version for one in told}
    if len(known) == 1 and "" not in known:
        return known.pop(), ""
    return "", f"its pin is not known: {told[0].said or 'there are several'}"


def _state(instances: tuple[Instance, ...], pin: str, unpinned: str) -> tuple[State, str]:
    known = {one.version for one in instances if one.version}
    silent = [one for one in instances if not one.version]
    if len(known) > 1:
        return "mixed", f"{', '.join(sorted(map(safe, known)))} at the same time"
    if silent:
        return "unknown", f"{silent[0].name}: {silent[0].said}"
    if unpinned:
        return "unknown", unpinned
    [version] = known
    if pin and version != pin:
        return "other", f"all are {version}, and should be {pin}"
    return "complete", f"all are {version}" if pin else f"all are {version}; no pin says whether they should be"
