"""The profile that a running stack writes for its console: the shipped one, with this stack's addresses in it."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from services.model import parse_duration
from services.profile.trusted import PROGRAMS

# In a demo nobody waits the minutes for which rules ask, nor those between polls that production spares itself.
WAIT_S = 10.0
WINDOW_S = 60.0
INTERVAL_S = 15.0
PROBES = 4
IDLE_S = 5.0  # a session that has been idle for so long may be ended
_MINUTES = re.compile(r"interval '\d+ minutes'")


def ready_profile(
    system: str,
    addresses: Mapping[str, str],
    control: str,
    scenarios: Mapping[str, str],
    state: str,
    programs: Mapping[str, str] = MappingProxyType({}),
    role: str = "admin",
) -> str:
    """TOML. `addresses` are the variables that the shipped profile asks for (MRE_DSN, ...); `state` is the folder for
    the console's local records; `programs` are those that stand for real ones: name -> whole path."""
    shipped = (resources.files("services") / "profiles" / f"{system}.toml").read_text()
    filled = re.sub(r"\$\{([A-Z_0-9]+):-([^}]*)\}", lambda m: addresses.get(m[1], m[2]), shipped)
    data = tomllib.loads(filled)
    data["environment"]["production"] = False
    data["roles"] = {"default": role}
    for rule in data.get("rules", {}).values():
        _hasten(rule)
    for action in data.get("actions", {}).values():
        if action["effect"] == "session":
            _shorten(action, {"older_than": IDLE_S})
    for source in data["sources"].values():
        _shorten(source, {"interval": INTERVAL_S})
        if source["kind"] == "statements":  # the windows of others are what their panes show
            _shorten(source, {"window": WINDOW_S})
    for name, source in data["sources"].items():
        if source["kind"] == "s3" and "window" in source:
            _fewer_probes(source, [rule for rule in data.get("rules", {}).values() if rule["source"] == name])
        if "query" in source:
            source["query"] = _MINUTES.sub("interval '1 minute'", source["query"])
    _stand_in(data, programs)
    data["demo"] = {"control": control, "state": state, "scenarios": dict(scenarios)}
    return f"# Written by `watchdeck demo`; gone when it ends.\n{to_toml(data)}"


def _stand_in(node: Any, programs: Mapping[str, str]) -> None:
    """Names the demo's own programs wherever the profile names one to run."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in PROGRAMS and isinstance(value, list) and value:
            value[0] = programs.get(value[0], value[0])
        else:
            _stand_in(value, programs)


def _fewer_probes(source: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """Over a shorter window; then its rules must be content with as much less."""
    share = min(1.0, WINDOW_S / _seconds(source["window"]))
    _shorten(source, {"window": WINDOW_S})
    for rule in rules:
        if "min_events" in rule:
            least = min(rule["min_events"], PROBES)  # one that is slow while everything starts says nothing yet
            rule["min_events"] = max(least, math.ceil(rule["min_events"] * share))


def _hasten(rule: dict[str, Any]) -> None:
    levels = [rule[name] for name in ("warn", "page") if name in rule]
    tables = [rule, *levels, *(pair for level in levels for pair in level.get("pairs", ()))]
    windows = [_seconds(table["window"]) for table in tables if "window" in table]
    if windows and "min_events" in rule:  # in less time there are fewer
        rule["min_events"] = math.ceil(rule["min_events"] * min(1.0, WINDOW_S / max(windows)))
    bounds = {"for": WAIT_S, "window": WINDOW_S, "part": WINDOW_S / 3, "no_data_for": WINDOW_S}
    for table in tables:
        _shorten(table, {**bounds, "long": WINDOW_S, "short": WINDOW_S / 3})


def _shorten(table: dict[str, Any], bounds: Mapping[str, float]) -> None:
    for key, bound in bounds.items():
        if key in table:
            table[key] = min(_seconds(table[key]), bound)


def _seconds(told: object) -> float:
    return float(str(parse_duration(told)))


def to_toml(data: Mapping[str, Any], path: str = "") -> str:
    """TOML of nested tables of texts, numbers, truths and lists of these and of tables: what a profile is made of.

    >>> print(to_toml({"a": 1, "b": {"c": "x"}}))
    a = 1
    <BLANKLINE>
    [b]
    c = "x"
    <BLANKLINE>
    """
    plain = {key: value for key, value in data.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    text = "".join(line + "\n" for line in lines)
    for key, table in tables.items():
        below = f"{path}.{_key(key)}" if path else _key(key)
        text += f"\n[{below}]\n{to_toml(table, below)}"
    return text


def _value(value: object) -> str:
    """Tables in a list stand on the list's line.

    >>> _value([{"a": "x"}, 1])
    '[{ a = "x" }, 1]'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)
