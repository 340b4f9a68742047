"""The user's settings: `settings.toml` in the config folder, of which there is one table so far, `[keys]`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import platformdirs

from services.errors import ConfigError
from tui.keys import KEYS, normal


def path() -> Path:
    return Path(platformdirs.user_config_dir("watchdeck")) / "settings.toml"


def read_keys(file: Path | None = None) -> dict[str, str]:
    """Binding id -> key, as the user wants it. ConfigError names the file and the key that cannot be used."""
    file = file or path()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}", "correct it, or move it away") from error
    for table in data.keys() - {"keys"}:
        raise ConfigError(f"{file}: [{table}]: unknown table", "there is only [keys]")
    return checked(data.get("keys", {}), str(file))


def checked(wanted: object, file: str) -> dict[str, str]:
    """The same with keys spelled as Textual spells them; every id known, no key used twice."""
    if not isinstance(wanted, dict):
        raise ConfigError(f"{file}: keys: must be a table", 'write [keys], and below it id = "key"')
    known = {key.id: key for key in KEYS}
    keymap: dict[str, str] = {}
    for name, key in wanted.items():
        if name not in known:
            raise ConfigError(f"{file}: [keys] {name}: no binding has this id", f"there are: {', '.join(known)}")
        if not isinstance(key, str) or not key.strip():
            raise ConfigError(f"{file}: [keys] {name}: must be the name of a key", 'for example "ctrl+r" or "x"')
        spelled = normal(key)
        if known[name].acts and not (len(key) == 1 and key.isupper()):
            raise ConfigError(
                f"{file}: [keys] {name} = {key!r}: an action has a capital letter",
                "lower case never changes anything: choose one of A to Z",
            )
        keymap[name] = spelled
    _no_conflict(keymap, file)
    return keymap


def _no_conflict(keymap: dict[str, str], file: str) -> None:
    taken: dict[str, str] = {}
    for key in KEYS:
        for spelled in keymap.get(key.id, key.spelled).split(","):
            if other := taken.get(spelled):
                name = key.id if key.id in keymap else other
                raise ConfigError(
                    f"{file}: [keys] {name}: {spelled!r} is the key of both {other} and {key.id}",
                    "give one of them another key",
                )
            taken[spelled] = key.id
