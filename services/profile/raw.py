"""A profile as it stands in its file, before it is validated: read without the models, whose making takes 0.2 s.

`${NAME}` and `${NAME:-default}` are filled in addresses, headers, commands and [environment], nowhere else.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.errors import ConfigError
from services.profile import trusted
from services.text import safe

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ADDRESSES = {
    "url",
    "address",
    "addresses",
    "ca_file",
    "dsn",
    "action_dsn",
    "endpoint",
    "bucket",
    "credentials_file",
    "aws_profile",
    "host",
    "path",
    "paths",
    "glob",
    "directory",
    "mounts",
    "capacity",  # no address, but as much a matter of where the system runs
}
# A program, its arguments and its environment: where it is and what it is pointed at differ from one place to another.
_COMMANDS = {"argv", "post_check", "systemctl", "journalctl", "env"}
_REACHING = ("sources", "actions", "notify")  # tables of things that are elsewhere


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
                path[0] in _REACHING
                and (not (_ADDRESSES | _COMMANDS).isdisjoint(path[2:]) or (len(path) > 2 and path[2] == "headers"))
            )
            where = ".".join(path)
            if not allowed:
                raise ConfigError(f"{file}: {where}: ${{...}} is allowed in addresses, headers and commands only")
            filled = _expand(node, where, file)
            if "argv" in path and filled.startswith("-") and not node.startswith("-"):
                raise ConfigError(
                    f"{file}: {where}: {safe(filled, 60)!r} out of the environment would be taken for an option",
                    "no argument that is filled from the environment may begin with a dash",
                )
            return filled
        return node

    expanded: dict[str, Any] = walk(data, ())
    return expanded


def is_production(environment: str, said: bool | None) -> bool:
    """What the profile says, or else what the name of the environment tells."""
    return said if said is not None else re.match(r"(prod|live)", environment, re.I) is not None


@dataclass(frozen=True)
class Raw:
    """Valid TOML, and no more than that is known."""

    file: str
    data: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.data.get("title", ""))

    @property
    def environment(self) -> tuple[str, bool]:
        """Its name, and whether it is production."""
        told = self.data.get("environment")
        table = told if isinstance(told, dict) else {}
        name, said = str(table.get("name", "unnamed")), table.get("production")
        return name, is_production(name, said if isinstance(said, bool) else None)


def read(path: Path) -> Raw:
    """ConfigError names the file, and the line or the variable."""
    file = str(path)
    try:
        with path.open("rb") as opened:
            told, text = os.fstat(opened.fileno()), opened.read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}", "it is a text file, TOML in UTF-8") from error
    raw = of_text(text, file)
    trusted.check(path, told, raw.data)
    return raw


def of_text(text: str, file: str) -> Raw:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{file}: not valid TOML: {safe(error, 300)}", "a table or key that stands twice is an error too"
        ) from error
    return Raw(file, _with_environment(data, file))
