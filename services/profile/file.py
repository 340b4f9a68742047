"""From a profile's file to validated models; errors name file, table and key."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from services.errors import ConfigError
from services.profile.actions import Action
from services.profile.models import Profile
from services.profile.raw import Raw, of_text, read
from services.profile.rules import KINDS
from services.profile.sources import Source
from services.text import safe


def load(path: Path) -> Profile:
    """The validated profile. ConfigError names the file, the table and the key, and what to do."""
    return validated(read(path))


def parse(text: str, file: str) -> Profile:
    return validated(of_text(text, file))


def validated(raw: Raw) -> Profile:
    try:
        return Profile.model_validate(raw.data, strict=False)
    except ValidationError as error:
        raise ConfigError(
            problems(error, raw.file), "`watchdeck profile check PATH` checks it again without any network"
        ) from None


def problems(error: ValidationError, file: str) -> str:
    """One line per problem: file, [table] key, what is wrong. Values are left out: they may be secret."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        loc = [safe(part, 100) for at, part in enumerate(problem["loc"]) if not _is_tag(at, problem["loc"])]
        table, key = (".".join(loc[:-1]), loc[-1]) if loc else ("", "")
        where = f"[{table}] {key}" if table else key
        what = {"extra_forbidden": "unknown key", "missing": "is required"}.get(problem["type"], problem["msg"])
        what = what.removeprefix("Value error, ")  # pydantic's word for an error of ours
        lines.append(f"{file}: {where}: {what}" if where else f"{file}: {what}")
    return "\n".join(lines)


def _is_tag(at: int, loc: tuple[int | str, ...]) -> bool:
    """The discriminator's tag is pydantic's, not the file's: sources.db.postgres.dsn is [sources.db] dsn."""
    return at == 2 and str(loc[at]) in _tags(str(loc[0]))


def _tags(table: str) -> set[str]:
    if table == "rules":
        return set(KINDS)
    union, field = {"sources": (Source, "kind"), "actions": (Action, "effect")}.get(table, (None, ""))
    models = get_args(get_args(union)[0]) if union else ()
    return {tag for model in models for tag in get_args(model.model_fields[field].annotation)}
