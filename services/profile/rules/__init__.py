"""The tables under [rules]: what is judged, against what, and when that counts. One model per kind, and their union."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Tag

from services.profile.rules.judged import AnyRule, Hours, Level, LevelName, Op, Rate
from services.profile.rules.of_either import AbsentRule, BaselineRule
from services.profile.rules.of_figures import AgeRule, ChangeRule, GrowthRule, ThresholdRule
from services.profile.rules.of_metrics import BurnLevel, BurnRule, GaugeRule, Pair, QuantileRule, RatioRule

KINDS = ("threshold", "ratio", "quantile", "gauge", "growth", "baseline", "absent", "age", "burn", "change")


def _kind(value: Any) -> str:
    """A rule that names no kind is a threshold."""
    found = value.get("kind", "threshold") if isinstance(value, dict) else getattr(value, "kind", "")
    return str(found)


Rule: TypeAlias = Annotated[
    Annotated[ThresholdRule, Tag("threshold")]
    | Annotated[RatioRule, Tag("ratio")]
    | Annotated[QuantileRule, Tag("quantile")]
    | Annotated[GaugeRule, Tag("gauge")]
    | Annotated[GrowthRule, Tag("growth")]
    | Annotated[BaselineRule, Tag("baseline")]
    | Annotated[AbsentRule, Tag("absent")]
    | Annotated[AgeRule, Tag("age")]
    | Annotated[BurnRule, Tag("burn")]
    | Annotated[ChangeRule, Tag("change")],
    Discriminator(
        _kind,
        custom_error_type="rule_kind",
        custom_error_message=f"kind: there is no such kind of rule; there are {', '.join(KINDS)}",
    ),
]

__all__ = [
    "KINDS",
    "AbsentRule",
    "AgeRule",
    "AnyRule",
    "BaselineRule",
    "BurnLevel",
    "BurnRule",
    "ChangeRule",
    "GaugeRule",
    "GrowthRule",
    "Hours",
    "Level",
    "LevelName",
    "Op",
    "Pair",
    "QuantileRule",
    "Rate",
    "RatioRule",
    "Rule",
    "ThresholdRule",
]
