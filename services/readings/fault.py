"""Why a fetch failed, in words for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["timeout", "unreachable", "denied", "missing", "protocol", "limit", "config", "error"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a fetch failed: what happened and where (one line), and what to do about it."""

    kind: FaultKind
    message: str
    remedy: str = ""
