"""What the demo's console has learned before it starts: enough for every rule that compares with what is usual."""

from __future__ import annotations

from pathlib import Path

from services.demo.mre.system import Mre
from services.demo.ready_profile import ready_profile
from services.demo.usual import learn
from services.profile import parse
from services.profile.rules import BaselineRule
from services.rules.past import Past
from services.rules.rates import path
from services.state import State
from services.state.file import path_of

NOW = 1_700_000_000.0


def test_every_baseline_rule_of_the_demo_has_something_to_compare_with(tmp_path: Path) -> None:
    profile = parse(ready_profile("mre", {}, "http://127.0.0.1:1/x", {}, str(tmp_path)), "ready.toml")
    learn(profile, Mre.usual, NOW)
    state = State.open(path_of(profile), lambda: NOW)
    past = Past.awaiting({}, profile.rules)
    past.at(1.0, NOW)
    past.restore(*state.spans())
    state.close()
    assert not state.problem
    rules = {name: rule for name, rule in profile.rules.items() if isinstance(rule, BaselineRule)}
    assert rules.keys() == Mre.usual.keys()
    for name, rule in rules.items():
        usual = past.usual(rule.source, path(rule.selector, ()) if rule.selector else rule.figure)
        assert (usual.lacks, usual.value) == ("", Mre.usual[name])
