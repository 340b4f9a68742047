"""The demo's control: start and end scenarios in a stack that runs, from another process.

The address stands in the profile that the stack writes, as `control` in [demo]; its last part is a secret, so that only
who may read the profile may use it. Every answer is JSON, errors as {"error": ...}:

    GET  CONTROL                   [{"name", "title", "help", "state", "since"}, ...], state: off, on or repaired
    POST CONTROL/scenario/NAME     starts it; the answer is its line
    POST CONTROL/repair/NAME       puts it right as if by somebody else
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.errors import WatchdeckError


class ControlFailed(WatchdeckError):
    """The running demo refused, or is not running any more."""


@dataclass(frozen=True)
class ScenarioState:
    name: str
    title: str
    help: str  # what happens, and how an operator puts it right
    state: str  # off, on, repaired
    since: float | None  # unix seconds


def scenarios(control: str) -> tuple[ScenarioState, ...]:
    """Every scenario of the stack and how it stands."""
    return tuple(ScenarioState(**line) for line in _ask("GET", control))


def start(control: str, name: str) -> ScenarioState:
    return ScenarioState(**_ask("POST", f"{control}/scenario/{name}"))


def repair(control: str, name: str) -> ScenarioState:
    return ScenarioState(**_ask("POST", f"{control}/repair/{name}"))


def _ask(method: str, url: str) -> Any:
    import httpx

    try:
        answer = httpx.request(method, url, timeout=30.0, trust_env=False)
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ControlFailed(
            f"the demo does not answer: {type(error).__name__}", "is `watchdeck demo` still running?"
        ) from error
    if answer.status_code != 200:
        raise ControlFailed(str(told.get("error", answer.status_code)), "`watchdeck demo --list` names the scenarios")
    return told
