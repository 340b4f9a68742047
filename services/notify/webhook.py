"""Notices by POST, as JSON, to an address of the profile's."""

from __future__ import annotations

import asyncio
import importlib
from urllib.parse import urlsplit

from services.errors import DeliveryError
from services.notify.message import Message
from services.profile.notify import WebhookChannel
from services.text import safe


def make(name: str, spec: WebhookChannel) -> Webhook:
    return Webhook(name, spec)


class Webhook:
    def __init__(self, name: str, spec: WebhookChannel) -> None:
        self.name = name
        self._spec = spec

    async def send(self, message: Message) -> None:
        await post(
            f"notify.{self.name}",
            self._spec.url,
            message.data,
            # the receiver can tell a second try of the same news from news
            {"idempotency-key": message.id, **self._spec.headers},
            self._spec.timeout,
        )


async def post(where: str, url: str, data: object, headers: dict[str, str], timeout: float) -> None:
    """DeliveryError unless the other side answers with a 2xx within the time."""
    httpx = await asyncio.to_thread(importlib.import_module, "httpx")  # 0.2 s, and keys are answered meanwhile
    shown = urlsplit(url).hostname or url
    try:
        async with asyncio.timeout(timeout), httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
            answer = await client.post(url, json=data, headers={"user-agent": "watchdeck", **headers})
    except TimeoutError as error:
        raise DeliveryError(f"{where}: {shown} did not answer within {timeout:g} s", "it is tried again") from error
    except Exception as error:  # whatever the driver raises, the notice did not arrive
        raise DeliveryError(f"{where}: {shown}: {safe(error, 200)}", "check the address; it is tried again") from error
    if not 200 <= answer.status_code < 300:
        said = safe(answer.text, 200)
        raise DeliveryError(f"{where}: {shown} answered {answer.status_code}: {said}", "check `url` and `headers`")
