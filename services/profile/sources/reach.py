"""[sources.NAME] kind = "tls", "tcp", "redis": what is asked without speaking HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.model import Seconds
from services.profile.sources.asked import Asked

# host:port, [::1]:port, or a URL for whose scheme there is a port
Addresses = Annotated[tuple[str, ...], Field(min_length=1)]


class TlsSource(Asked):
    kind: Literal["tls"]
    addresses: Addresses  # without a port: 443
    interval: Seconds = 600.0
    timeout: Seconds = 5.0
    server_name: str = ""  # asked for and verified instead of each address's own name
    ca_file: str = ""  # PEM; beside the machine's own authorities


class TcpSource(Asked):
    kind: Literal["tcp"]
    addresses: Addresses


class RedisSource(Asked):
    kind: Literal["redis"]
    address: str = "127.0.0.1:6379"
    user: str = ""
    password_env: str = ""  # name of the environment variable that holds the password
    password_command: tuple[str, ...] = ()  # or a program that prints it
    tls: bool = False
    ca_file: str = ""
    replicas: int = Field(default=0, ge=0)  # how many should be connected: a dead one has no line of its own

    @field_validator("password_env")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if name and not name.replace("_", "a").isalnum():
            raise ValueError("the name of an environment variable, not the password itself")
        return name
