"""Telling people and programs outside the console what fires: one file per kind of channel, and the courier."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from services.notify.message import Message
from services.profile import Profile

# Every kind and the module that delivers it: `make(name, spec) -> Channel`, without I/O, its driver imported at the
# first message. The terminal's own (bell, osc9) are the console's; Alertmanager is told what stands, not what happens.
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "apprise": "services.notify.by_apprise",
        "email": "services.notify.email",
        "jsonl": "services.notify.jsonl",
        "webhook": "services.notify.webhook",
    }
)


class Channel(Protocol):
    """One way out."""

    name: str

    async def send(self, message: Message) -> None:
        """DeliveryError when it did not arrive, as far as can be told."""


def build(profile: Profile) -> dict[str, Channel]:
    """The profile's channels that take messages, by name. No I/O."""
    return {
        name: import_module(CHANNELS[spec.kind]).make(name, spec)
        for name, spec in profile.notify.items()
        if spec.kind in CHANNELS
    }
