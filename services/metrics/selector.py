"""A metric and conditions on its labels, as a rule in a profile names them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from services.metrics.match import condition
from services.model import Model

METRIC = r"^[a-zA-Z_:][a-zA-Z0-9_:.]*$"


class Selector(Model):
    """`{ metric = "http_requests_total", match = { status = "~5.." } }`; a histogram by its name without `_bucket`."""

    metric: Annotated[str, Field(pattern=METRIC)]
    match: dict[str, str] = Field(default_factory=dict)  # label -> value, "~regex", "!value" or "!~regex"

    @field_validator("match")
    @classmethod
    def _patterns(cls, match: dict[str, str]) -> dict[str, str]:
        for label, text in match.items():
            try:
                condition(text)
            except re.error as error:
                raise ValueError(f"{label}: {text!r} is not a pattern: {error}") from error
        return match

    def buckets(self) -> Selector:
        """Of the histogram with this name, the series that count."""
        return Selector(metric=f"{self.metric}_bucket", match=self.match)
