"""Finding and reading a profile: TOML, addresses filled from the environment, errors that name file, table and key."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.errors import ConfigError
from services.profile.models import Profile

# Reading it. `${NAME}` and `${NAME:-default}` are filled in addresses, headers and [environment], nowhere else.

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ADDRESSES = {"url", "dsn", "action_dsn", "endpoint", "bucket", "credentials_file", "aws_profile"}


def _expand(text: str, where: str, file: str) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        found = os.environ.get(name) or default
        if found is None:
            raise ConfigError(
                f"{file}: {where}: the environment variable {name} is not set",
                f"export {name}=..., or write ${{{name}:-default}} in the profile",
            )
        return found

    return _VARIABLE.sub(value, text)


def _with_environment(data: dict[str, Any], file: str) -> dict[str, Any]:
    def walk(node: Any, path: tuple[str, ...]) -> Any:
        if isinstance(node, dict):
            return {key: walk(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value, (*path, str(at))) for at, value in enumerate(node)]
        if isinstance(node, str) and "${" in node:
            allowed = path[0] == "environment" or (
                path[0] == "sources" and (path[-1] in _ADDRESSES or (len(path) > 2 and path[2] == "headers"))
            )
            where = ".".join(path)
            if not allowed:
                raise ConfigError(f"{file}: {where}: ${{...}} is allowed in addresses and headers only")
            return _expand(node, where, file)
        return node

    expanded: dict[str, Any] = walk(data, ())
    return expanded


def shipped() -> tuple[str, ...]:
    """The names of the profiles that come with watchdeck."""
    folder = resources.files("services") / "profiles"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def owned() -> tuple[str, ...]:
    """The names of the profiles in the user's config folder."""
    import platformdirs

    return tuple(sorted(f.stem for f in Path(platformdirs.user_config_dir("watchdeck")).glob("*.toml")))


def find(name: str | None) -> Path | None:
    """Where the profile is: --profile NAME|PATH, $WATCHDECK_PROFILE, ./watchdeck.toml, then the user's config folder.

    None when nothing was asked for and nothing is there. ConfigError when what was asked for is not there.
    """
    import platformdirs

    config = Path(platformdirs.user_config_dir("watchdeck"))
    wanted = name or os.environ.get("WATCHDECK_PROFILE")
    if not wanted:
        return next((p for p in (Path("watchdeck.toml"), config / "profile.toml") if p.is_file()), None)
    if "/" in wanted or wanted.endswith(".toml"):
        path = Path(wanted).expanduser()
        if path.is_file():
            return path
        raise ConfigError(
            f"{path}: no such profile file", "give the path of a TOML file, or a name from `watchdeck profile list`"
        )
    if (own := config / f"{wanted}.toml").is_file():
        return own
    if wanted in shipped():
        return Path(str(resources.files("services") / "profiles" / f"{wanted}.toml"))
    raise ConfigError(
        f"no profile is named {wanted!r}",
        f"shipped are {', '.join(shipped())}; your own go into {config}",
    )


def load(path: Path) -> Profile:
    """The validated profile. ConfigError names the file, the table and the key, and what to do."""
    file = str(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    if mode & stat.S_IWOTH:
        raise ConfigError(f"{file}: anyone on this machine may write to it", f"chmod o-w {file}")
    return parse(text, file)


def parse(text: str, file: str) -> Profile:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{file}: not valid TOML: {error}", "a table or key that stands twice is an error too"
        ) from error
    try:
        return Profile.model_validate(_with_environment(data, file), strict=False)
    except ValidationError as error:
        raise ConfigError(
            problems(error, file), "`watchdeck profile check PATH` checks it again without any network"
        ) from None


_TAGS = {"http", "postgres", "s3", "queue", "runs", "flags", "reaper", "rows", "flag"}


def problems(error: ValidationError, file: str) -> str:
    """One line per problem: file, [table] key, what is wrong. Values are left out: they may be secret."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        # the discriminator's tag is pydantic's, not the file's: sources.db.postgres.dsn is [sources.db] dsn
        loc = [str(part) for at, part in enumerate(problem["loc"]) if not (at == 2 and part in _TAGS)]
        table, key = (".".join(loc[:-1]), loc[-1]) if loc else ("", "")
        where = f"[{table}] {key}" if table else key
        what = {"extra_forbidden": "unknown key", "missing": "is required"}.get(problem["type"], problem["msg"])
        lines.append(f"{file}: {where}: {what}" if where else f"{file}: {what}")
    return "\n".join(lines)
