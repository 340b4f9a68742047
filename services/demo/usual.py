"""What the console would have learned in four weeks of watching: what is usual, for the rules that compare with it.

Written into the console's state before it starts for the first time; like the history of jobs, it is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from services.profile import Profile
from services.profile.rules import BaselineRule
from services.rules.rates import path
from services.rules.usual import HOUR_S, KEPT_S
from services.state.file import path_of
from services.state.schema import opened


def learn(profile: Profile, usual: Mapping[str, float], now: float) -> None:
    """Every hour of the last four weeks; `usual` is by the rule's name, in what the rule compares."""
    file = path_of(profile)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    first, last = (int((now - KEPT_S) // HOUR_S), int(now // HOUR_S))
    with closing(opened(file)) as state:
        state.execute("BEGIN")
        for number, (name, value) in enumerate(usual.items(), 1):
            state.execute("INSERT INTO series VALUES (?, ?, ?)", (number, *_signal(profile.rules[name])))
            hours = [(number, hour * int(HOUR_S), value) for hour in range(first, last)]
            state.executemany("INSERT INTO hours VALUES (?, ?, ?)", hours)
        state.execute("COMMIT")
    file.chmod(0o600)


def _signal(rule: object) -> tuple[str, str]:
    """The source and the path under which the console keeps what the rule compares with."""
    assert isinstance(rule, BaselineRule)
    return rule.source, path(rule.selector, ()) if rule.selector else rule.figure
