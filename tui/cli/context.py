"""What the root command knows and every subcommand may ask: which profile, and whether anything may be changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.errors import ConfigError

if TYPE_CHECKING:
    from services.profile import Profile


@dataclass
class Context:
    """The root's options. Mutable only so that `--profile` may also follow the subcommand."""

    profile_name: str | None = None
    read_only: bool = False

    def path(self) -> Path:
        """Where the profile is. ConfigError when there is none."""
        from services.profile import find

        found = find(self.profile_name)
        if found is None:
            raise ConfigError(
                "no profile was given and none was found",
                "give --profile NAME|PATH, set WATCHDECK_PROFILE, or try `watchdeck demo`",
            )
        return found

    def profile(self) -> Profile:
        """The validated profile, its mappings too. ConfigError names file, table and key."""
        from services.profile import check_mappings, load

        path = self.path()
        profile = load(path)
        check_mappings(profile, str(path))
        return profile


pass_context = click.make_pass_decorator(Context, ensure=True)


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.ensure_object(Context).profile_name = value


# For subcommands: `watchdeck status --profile mre` means the same as `watchdeck --profile mre status`.
profile_option = click.option(
    "--profile", metavar="NAME|PATH", expose_value=False, callback=_remember, help="What to watch."
)
