"""Notices through the apprise package: PagerDuty, Slack, Teams, ntfy and whatever else it knows."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import Any

from services.errors import DeliveryError
from services.notify.message import Message
from services.profile.notify import AppriseChannel


def make(name: str, spec: AppriseChannel) -> ByApprise:
    return ByApprise(name, spec)


class ByApprise:
    def __init__(self, name: str, spec: AppriseChannel) -> None:
        self.name = name
        self._spec = spec
        self._out: Any = None

    async def send(self, message: Message) -> None:
        # its own async way opens no thread of its own; importing it takes 0.2 s
        await asyncio.to_thread(self._deliver, message)

    def _deliver(self, message: Message) -> None:
        out = self._out or self._open()
        if not out.notify(title=message.subject, body=message.text, body_format="text"):
            raise DeliveryError(
                f"notify.{self.name}: apprise could not deliver to all of {len(out)} addresses",
                f"try the URLs of ${self._spec.urls_env} with `apprise -vv`",
            )

    def _open(self) -> Any:
        try:
            apprise = importlib.import_module("apprise")
        except ImportError as error:
            raise DeliveryError(
                f"notify.{self.name}: the package apprise is not installed", "pip install 'watchdeck[notify]'"
            ) from error
        urls = os.environ.get(self._spec.urls_env, "").split()
        out = apprise.Apprise()
        if not urls or not all(out.add(url) for url in urls):
            raise DeliveryError(
                f"notify.{self.name}: ${self._spec.urls_env} holds no apprise URL, or one that apprise does not know",
                "the variable holds URLs like pagerduty://..., separated by blanks",
            )
        self._out = out
        return out
