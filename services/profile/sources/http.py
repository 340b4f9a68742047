"""[sources.NAME] kind = "http": health endpoints, and requests that a service must refuse."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.model import Model
from services.profile.sources.asked import Asked

Path = Annotated[str, Field(min_length=1)]


class Refusal(Model):
    """[sources.NAME.refuses.ID]: a request that is too large on purpose, and how it has to be refused.

    What is sent is no document, or a list of nothing: a service that lets it through has nothing to take in.
    """

    path: Path
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    bytes: Annotated[int, Field(gt=0, le=67_108_864)] | None = None  # so long a body, of blanks
    items: Annotated[int, Field(gt=0, le=1_000_000)] | None = None  # or a JSON list of so many nulls,
    within: str = ""  # under this key of an object; empty: the list is the document
    status: tuple[int, ...] = (413,)
    says: str = ""  # what has to stand in the answer, such as an error code

    @model_validator(mode="after")
    def _one_size(self) -> Refusal:
        if (self.bytes is None) == (self.items is None):
            raise ValueError("too large in which way: either `bytes`, or `items`")
        return self


class HttpSource(Asked):
    kind: Literal["http"]
    url: str
    paths: tuple[str, ...] = ()
    refuses: dict[str, Refusal] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    max_bytes: int = Field(default=262_144, gt=0)
    version_field: str = "version"  # top-level key of a JSON answer

    @model_validator(mode="after")
    def _asks(self) -> HttpSource:
        if not self.paths and not self.refuses:
            raise ValueError("it asks for nothing: name `paths`, or requests that it `refuses`")
        return self
