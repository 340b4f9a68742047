"""What is wrong with channels under [notify] that would be found out only when the first notice is due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from services.profile import Profile
from services.profile.notify import AlertmanagerChannel, AppriseChannel, Channel, EmailChannel, WebhookChannel

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def outgoing(profile: Profile) -> Iterator[str]:
    """One line per problem, naming the channel's table and the key."""
    for name, channel in profile.notify.items():
        for severity in channel.severities:
            if severity not in profile.severities:
                yield f"[notify.{name}] severities: {severity!r} is none of {', '.join(profile.severities)}"
        if channel.timeout <= 0:
            yield f"[notify.{name}] timeout: it must be more than nothing"
        for problem in _of_kind(channel):
            yield f"[notify.{name}] {problem}"


def _of_kind(channel: Channel) -> Iterator[str]:
    if isinstance(channel, WebhookChannel | AlertmanagerChannel):
        parts = urlsplit(channel.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "url: it is not like https://host/path"
    if isinstance(channel, AlertmanagerChannel) and channel.every < 1:
        yield "every: once a second is the most"
    if isinstance(channel, AppriseChannel) and not _VARIABLE.fullmatch(channel.urls_env):
        yield "urls_env: it is the name of an environment variable that holds the URLs, never a URL"
    if isinstance(channel, EmailChannel) and channel.user and not _VARIABLE.fullmatch(channel.password_env):
        yield "password_env: with `user` it is the name of the environment variable that holds the password"
