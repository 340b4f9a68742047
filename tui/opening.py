"""A profile that is not validated yet: enough of it for the first paint, and how to get the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.profile.known import knows, remember
from services.profile.raw import Raw, read
from widgets.banner import BannerFacts

if TYPE_CHECKING:
    from services.profile import Profile


@dataclass(frozen=True)
class Unread:
    raw: Raw

    def load(self) -> Profile:
        """0.2 s, most of it for making the models. ConfigError as `services.profile.load`, also for bad mappings."""
        from services.profile import check_mappings, validated

        profile = validated(self.raw)
        check_mappings(profile, self.raw.file)
        remember(self.raw)
        return profile

    @property
    def action_keys(self) -> frozenset[str]:
        actions = self.raw.data.get("actions")
        tables = actions.values() if isinstance(actions, dict) else ()
        return frozenset(str(table.get("key", "")) for table in tables if isinstance(table, dict))

    def banner(self, wall: float) -> BannerFacts:
        environment, production = self.raw.environment
        return BannerFacts(self.raw.title, environment, production, wall=wall)


def open_profile(path: Path) -> Profile | Unread:
    """Not validated yet when this very content was valid before: then the screen need not wait for it."""
    unread = Unread(read(path))
    return unread if knows(unread.raw) else unread.load()
