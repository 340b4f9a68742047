"""[sources.NAME] kind = "tls", "tcp", "redis": what is asked without speaking HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from services.address import address
from services.model import Seconds
from services.profile.sources.asked import Asked

HTTPS, REDIS = 443, 6379


def _some(port: int | None) -> AfterValidator:
    """One or more addresses; `port` is that of those which name none."""

    def check(addresses: tuple[str, ...]) -> tuple[str, ...]:
        if not addresses:
            raise ValueError("name at least one address")
        for said in addresses:
            address(said, port)
        return addresses

    return AfterValidator(check)


def _one(said: str) -> str:
    address(said, REDIS)
    return said


class TlsSource(Asked):
    kind: Literal["tls"]
    addresses: Annotated[tuple[str, ...], _some(HTTPS)]
    interval: Seconds = 600.0
    timeout: Seconds = 5.0
    server_name: str = ""  # asked for and verified instead of each address's own name
    ca_file: str = ""  # PEM; beside the machine's own authorities


class TcpSource(Asked):
    kind: Literal["tcp"]
    addresses: Annotated[tuple[str, ...], _some(None)]


class RedisSource(Asked):
    kind: Literal["redis"]
    address: Annotated[str, AfterValidator(_one)] = f"127.0.0.1:{REDIS}"
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
