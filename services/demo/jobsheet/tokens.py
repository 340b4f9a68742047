"""Tokens: who signs in gets one from the OAuth server, and the API checks it by its own clock."""

from __future__ import annotations

import hashlib
import hmac

LASTS_S = 60.0
LEEWAY_S = 5.0
_SECRET = b"demo-jwt-secret"


def issued(at: float) -> str:
    said = f"{at:.3f}"
    return f"{said}.{_signed(said)}"


def refusal(token: str, now: float) -> str:
    """Why it is not accepted; empty when it is."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signed(said), signature):
        return "bad signature"
    age = now - float(said)
    if age < -LEEWAY_S:
        return "not yet valid"
    return "expired" if age > LASTS_S + LEEWAY_S else ""


def _signed(said: str) -> str:
    return hmac.new(_SECRET, said.encode(), hashlib.sha256).hexdigest()[:32]
