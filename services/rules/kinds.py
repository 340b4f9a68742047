"""The kinds of rules: each a pure function from a rule, one of its levels and the past to what can be said now.

They are asked while the rule's source answers: one look per instance, or a single one, without labels and with the
reason, when the source has nothing that the rule is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.rules import absent, age, baseline, burn, change, gauge, growth, quantile, ratio, threshold
from services.rules.look import Look

if TYPE_CHECKING:
    from services.rules.past import Past

RULES: Mapping[str, Callable[[Any, Any, Past], tuple[Look, ...]]] = MappingProxyType(
    {
        "threshold": threshold.look,
        "ratio": ratio.look,
        "quantile": quantile.look,
        "gauge": gauge.look,
        "growth": growth.look,
        "baseline": baseline.look,
        "absent": absent.look,
        "age": age.look,
        "burn": burn.look,
        "change": change.look,
    }
)
