"""Each shipped profile has everything that its system's runbook asks for, under the id that people know it by."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from services.profile import find, load
from tests.asked import ASKED
from tui.__main__ import root

PAIRS = [(name, table) for name, tables in ASKED.items() for table in tables]


@cache
def shown(name: str) -> dict[str, Any]:
    """As `watchdeck profile show NAME --json` says it."""
    said = CliRunner().invoke(root, ["profile", "show", name, "--json"], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def there(found: dict[str, Any], table: str) -> Iterable[str]:
    sources = found["sources"].values()
    match table:
        case "severities":
            return found["severities"]
        case "job_types":
            return [kind for source in sources for kind in source.get("types") or ()]
        case "units":
            return [unit.removesuffix(".service") for source in sources for unit in source.get("units") or ()]
        case "patterns":
            return [code for pattern in found["patterns"].values() for code in pattern["codes"]]
        case "health":
            return [path for source in sources for path in _asked(source)]
    for step in table.split("."):
        found = found[step]
    return found


def _asked(source: dict[str, Any]) -> list[str]:
    """Every place that a source asks: paths below its address, the address, a program."""
    url = source.get("url", "")
    paths = source.get("paths") or ()
    return [*paths, *(f"{url}{path}" for path in paths), url, *(source.get("argv") or ())[:1]]


@pytest.mark.parametrize(("name", "table"), PAIRS)
def test_the_profile_has_what_its_runbook_asks_for(name: str, table: str) -> None:
    found = set(there(shown(name), table))
    assert not [id_ for id_ in ASKED[name][table] if id_ not in found]


@pytest.mark.parametrize("name", ASKED)
def test_every_rule_and_every_procedure_leads_to_a_section(name: str) -> None:
    profile = load(find(name))
    assert not [id_ for id_, rule in profile.rules.items() if not rule.runbook]
    assert not [id_ for id_, procedure in profile.procedures.items() if not procedure.runbook]
