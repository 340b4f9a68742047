"""The mapping of a queue: a shipped preset, with the profile's own table laid over it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from services.errors import ConfigError
from services.profile.file import problems
from services.profile.models import Profile
from services.profile.sources import QueueSource
from services.queues.mapping import Mapping


def presets() -> tuple[str, ...]:
    folder = resources.files("services") / "queues" / "presets"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def check_mappings(profile: Profile, file: str) -> None:
    """ConfigError, naming the file too, when a queue's mapping cannot be used: known before anything is asked."""
    for name, source in profile.of_kind("queue").items():
        try:
            mapping_of(source, name)
        except ConfigError as error:
            raise ConfigError(f"{file}: {error.message}", error.remedy) from None


def mapping_of(source: QueueSource, name: str) -> Mapping:
    """The complete mapping of a queue source. ConfigError names the preset or table and the key."""
    data: dict[str, Any] = {}
    where = f"[sources.{name}.mapping]"
    if source.preset:
        if source.preset not in presets():
            raise ConfigError(
                f"sources.{name}.preset: no preset is named {source.preset!r}", f"there are: {', '.join(presets())}"
            )
        where = f"presets/{source.preset}.toml"
        data = dict(_shipped(source.preset))
    for table, value in (source.mapping or {}).items():
        both = isinstance(value, dict) and isinstance(data.get(table), dict)
        data[table] = {**data[table], **value} if both else value
    try:
        return Mapping.model_validate(data, strict=False)
    except ValidationError as error:
        raise ConfigError(problems(error, where)) from None


@cache
def _shipped(preset: str) -> dict[str, Any]:
    """As it is in the file, read once: what an action needs asks for the mapping a hundred times. Not to be changed."""
    return tomllib.loads((resources.files("services") / "queues" / "presets" / f"{preset}.toml").read_text())
