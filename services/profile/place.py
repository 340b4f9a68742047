"""Where a profile is: what comes with watchdeck, what is the user's own, and which one is meant."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from services.errors import ConfigError


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
