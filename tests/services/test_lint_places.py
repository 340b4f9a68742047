"""What a profile leads to and is not there is told, and what its records cannot do."""

from __future__ import annotations

import pytest

from services.lint import check
from services.places import VIEWS
from services.profile import parse
from tests.watching import HEAD, rule
from tui.screens import PAGES, SCREENS


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[views.x]\ntitle = "X"\nview = "nowhere"', "[views.x] view: there is no view 'nowhere'"),
        ('[views.x]\ntitle = "X"\nview = "database/nowhere"', "has no page 'nowhere'; there are sessions"),
        ('[views.x]\ntitle = "X"\nview = "logs"\nsource = "b"', "[views.x] source: there is no source 'b'"),
        ('[views.x]\ntitle = "X"\nview = "logs"\nfilter = \'"\'', "[views.x] filter: a quote is not closed"),
        ('[tools.x]\ntitle = "X"\nask = "?"\nfilter = "id"', "[tools.x] filter: {value} is not in it"),
        ('[tools.x]\ntitle = "X"\nask = "?"\npattern = "["', "[tools.x] pattern: '[' is no pattern"),
        ('[tools.x]\ntitle = "X"\nask = "?"\nview = "x"', "[tools.x] view: there is no view 'x'"),
        ('[signals.api]\nrate = { view = "apis" }', "[signals.api] rate: view: there is no view 'apis'"),
        ('[checklists.x]\ntitle = "X"\n[checklists.x.steps.a]\ntitle = "A"\nview = "y"', "[checklists.x.steps.a] view"),
        ('[records.x]\nkind = "window"\ntitle = "X"', "[records.x] match: it says which alerts"),
        ('[records.x]\nkind = "window"\ntitle = "X"\nmatch = { rule = "no" }', "match.rule: there is no rule 'no'"),
        ('[records.x]\nkind = "window"\ntitle = "X"\nmatch = { rule = "~(" }', "match.rule: '~(' holds no pattern"),
        ('[records.x]\nkind = "incident"\ntitle = "X"\ntemplates = { a = "{eta}" }', "a: there is no {eta}; there are"),
    ],
)
def test_what_leads_nowhere_is_told_with_its_table(table: str, said: str) -> None:
    assert [line for line in check(parse(f"{HEAD}{rule()}{table}\n", "test.toml")) if said in line]


def test_what_is_there_is_not_complained_of() -> None:
    tables = (
        '[views.x]\ntitle = "X"\nview = "database/sessions"\nsource = "a"\nfilter = "state:active !me"\n'
        '[tools.x]\ntitle = "X"\nask = "?"\nfilter = "request:{value}"\n[signals.api]\nrate = { view = "api" }\n'
        '[records.w]\nkind = "window"\ntitle = "W"\nmatch = { rule = "slow" }\n'
        '[records.i]\nkind = "incident"\ntitle = "I"\ntemplates = { a = "{title} {unaffected}" }\n'
    )
    assert check(parse(HEAD + rule(figure="failing") + tables, "test.toml")) == []


def test_the_views_that_profiles_may_name_are_those_of_the_console() -> None:
    pages = {view: tuple(pages) for view, pages in PAGES.items()}
    assert {view: tuple(VIEWS[view]) for view in SCREENS} == {view: pages.get(view, ()) for view in SCREENS}
    assert set(VIEWS) == set(SCREENS)
