"""The tables under [notify]: who is told when an alert fires, and how. One model per kind, and their union."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.model import Model, Seconds

Word = Literal["fires", "escalates", "resolves", "flaps", "summary"]
Names = Annotated[tuple[str, ...], Field(min_length=1)]


class _Channel(Model):
    severities: tuple[str, ...] = ()  # empty: all of the profile's
    words: tuple[Word, ...] = ("fires", "escalates", "resolves", "flaps", "summary")
    timeout: Seconds = 10.0
    tries: int = Field(default=5, ge=1, le=20)  # with growing pauses, about two minutes for five


class BellChannel(_Channel):
    """The terminal's bell."""

    kind: Literal["bell"]
    words: tuple[Word, ...] = ("fires", "escalates")


class Osc9Channel(_Channel):
    """A desktop notification by way of the terminal (OSC 9): iTerm2, kitty, WezTerm, Windows Terminal, foot."""

    kind: Literal["osc9"]
    words: tuple[Word, ...] = ("fires", "escalates", "resolves")


class JsonlChannel(_Channel):
    """One JSON object per line, appended to a file."""

    kind: Literal["jsonl"]
    path: str


class EmailChannel(_Channel):
    kind: Literal["email"]
    host: str
    port: int = Field(default=587, gt=0, lt=65_536)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str
    to: Names
    user: str = ""
    password_env: str = ""  # the name of an environment variable: never the password

    @model_validator(mode="after")
    def _password_is_not_sent_in_clear(self) -> EmailChannel:
        if self.user and self.security == "none":
            raise ValueError("security: a password is not sent over a connection without TLS")
        return self


class WebhookChannel(_Channel):
    """One POST per notice, with the notice as JSON."""

    kind: Literal["webhook"]
    url: str
    headers: dict[str, str] = Field(default_factory=dict)


class AppriseChannel(_Channel):
    """PagerDuty, Slack, Teams, ntfy and a hundred more, through the apprise package (extra `notify`)."""

    kind: Literal["apprise"]
    urls_env: str  # the name of an environment variable that holds apprise URLs, separated by blanks: they are secrets


class AlertmanagerChannel(_Channel):
    """What fires now, told again every `every`, as Prometheus tells it."""

    kind: Literal["alertmanager"]
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)  # added to each alert
    every: Seconds = 60.0


Channel = Annotated[
    BellChannel | Osc9Channel | JsonlChannel | EmailChannel | WebhookChannel | AppriseChannel | AlertmanagerChannel,
    Field(discriminator="kind"),
]
