"""The comparisons that a profile can name."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

COMPARE: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        ">": operator.gt,
        ">=": operator.ge,
        "<": operator.lt,
        "<=": operator.le,
        "==": operator.eq,
        "!=": operator.ne,
    }
)
