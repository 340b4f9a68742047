"""What is wrong with releases: sources that are not there, or that name no versions."""

from __future__ import annotations

from collections.abc import Iterator

from services.profile import HttpSource, Profile, RolloutAction, Told

_NAMED = ("sql", "json", "command", "promql", "files")  # kinds that bring figures under names, with labels


def releases(profile: Profile) -> Iterator[str]:
    """One line per problem, naming the table."""
    for name, release in profile.releases.items():
        for told in release.instances:
            yield from (f"[releases.{name}] instances: {said}" for said in _told(profile, told))
        if release.pinned:
            yield from (f"[releases.{name}] pinned: {said}" for said in _told(profile, release.pinned))
        if release.action and release.action not in profile.actions:
            yield f"[releases.{name}] action: no action is named {release.action!r}"
    for name, action in profile.actions.items():
        for stage in action.stages.values() if isinstance(action, RolloutAction) else ():
            found = profile.releases.get(stage.release)
            if found is None:
                yield f"[actions.{name}.stages] no release is named {stage.release!r}"
            elif not found.pin and not found.pinned:
                yield f"[actions.{name}.stages] nothing tells when {stage.release!r} is done: it has no pin"


def _told(profile: Profile, told: Told) -> Iterator[str]:
    source = profile.sources.get(told.source)
    if source is None:
        yield f"no source is named {told.source!r}"
    elif isinstance(source, HttpSource):
        if told.path and told.path not in source.paths:
            yield f"[sources.{told.source}] does not ask for {told.path!r}; it asks for {', '.join(source.paths)}"
        if told.figure or told.match:
            yield "an http source has no figures by name: say `path`"
    elif source.kind not in _NAMED:
        yield f"a source of kind {source.kind} names no versions"
    elif not told.figure:
        yield f"which figure of {told.source!r} counts the instances?"
    elif source.kind == "sql" and not {told.label, *told.match} <= set(source.labels):
        yield f"[sources.{told.source}] has the labels {', '.join(source.labels) or 'none'}, and not {told.label!r}"
