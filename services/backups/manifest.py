"""What is known of a dump beside its bytes: written next to it, and what a restore test holds the result against."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from services.errors import SourceError
from services.model import Model

ENDING = ".json"  # of the manifest's key, after the dump's own


class Counted(Model):
    """One table as the snapshot saw it. `sum` is of all its rows, whatever their order."""

    rows: int
    sum: str


class Manifest(Model):
    """Times are unix seconds by the database's clock."""

    format: Literal[1] = 1
    key: str
    bytes: int
    sha256: str
    taken_at: float  # of the snapshot
    took_s: float
    database: str  # host:port/dbname
    database_bytes: int
    system_identifier: str
    server_version: str
    encoding: str
    collation: str
    tables: dict[str, Counted]
    ledger: str = ""  # how far the deletions had come
    action: str  # id of the action that made it


def parsed(text: bytes, key: str) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise SourceError(
            "protocol",
            f"{key}{ENDING} is not the manifest of a dump: {error.error_count()} faults",
            "look at it; without it nothing tells what the dump should hold",
        ) from None
