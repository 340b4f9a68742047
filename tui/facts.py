"""What the banner says: made of the deck, and of who is looking at it."""

from __future__ import annotations

from services.readings import PostgresValues
from tui.deck import Deck
from tui.relay import old
from widgets.banner import BannerFacts


def facts(deck: Deck, role: str, read_only: bool, wall: float, via: str = "", elevated: str = "") -> BannerFacts:
    """`wall` in whole minutes: the clock is all that changes on a quiet screen. `via`: whom everything is read from."""
    server = deck.values("postgres", PostgresValues)
    connected = deck.vitals("postgres").state in ("fresh", "frozen")
    firing, early = deck.alerts.loud, deck.early
    return BannerFacts(
        system=deck.profile.title,
        environment=deck.profile.environment.name,
        production=deck.profile.environment.is_production,
        who=f"{server.user}@{server.host}" if server and connected and not via else "",
        role=role if not via else "",
        read_only=read_only,
        elevated=elevated,
        firing=len(firing),
        worst=f"{firing[0].severity} {firing[0].title}".strip() if firing else "",
        unknown=len(deck.alerts.unknown) - len(early),
        early=len(early),
        quiet=len(deck.alerts.firing) - len(firing),
        frozen=deck.frozen,
        via=via,
        old=old(deck) if via else "",
        wall=wall,
    )
