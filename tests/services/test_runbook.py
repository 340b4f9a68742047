"""Runbooks: sections are found by the anchors a reader of Markdown expects, and everything that leads there arrives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.errors import ConfigError
from services.lint import check
from services.profile import Profile, find, load
from services.runbook import Runbook, anchors, parse, reference, shipped
from services.runbook import load as runbook

ODD = """\
Before any heading.

# The `shop`: a *runbook*
## Stale locks ##
first
### Look at
deeper
## Stale locks
```sh
# not a heading
~~~
```
second
## Stale locks-1
####### seven is too many
## See [this page](http://x/#y) & that_one
## Ünïcode, 2 × 3
"""


@pytest.fixture(scope="module")
def odd() -> Runbook:
    return parse("shop", ODD)


def test_each_heading_has_its_anchor_and_none_stands_twice(odd: Runbook) -> None:
    assert [(s.anchor, s.level) for s in odd.sections] == [
        ("the-shop-a-runbook", 1),
        ("stale-locks", 2),
        ("look-at", 3),
        ("stale-locks-1", 2),
        ("stale-locks-1-1", 2),
        ("see-this-page--that_one", 2),
        ("ünïcode-2--3", 2),
    ]
    assert odd.title == "The shop: a runbook"


def test_a_section_goes_on_until_the_next_heading_of_its_level(odd: Runbook) -> None:
    first, second = odd.section("stale-locks"), odd.section("stale-locks-1")
    assert first and second and odd.section("nowhere") is None
    assert odd.text(first) == "## Stale locks ##\nfirst\n### Look at\ndeeper"
    assert odd.text(second).splitlines()[1:] == ["```sh", "# not a heading", "~~~", "```", "second"]
    assert odd.sections[0].end == len(odd.lines)


def test_text_from_outside_is_safe_to_show() -> None:
    hostile = parse("x", "# red \x1b[31m\r\n\ttext\x07")
    assert hostile.lines == (r"# red \x1b[31m", r"    text\x07")


def test_a_file_without_headings_is_a_runbook_without_sections() -> None:
    assert parse("shop", "just text").sections == () and parse("shop", "").title == "shop"


def test_a_reference_names_a_runbook_and_perhaps_a_section() -> None:
    assert reference("mre#stale-locks") == ("mre", "stale-locks")
    assert reference("mre") == ("mre", "")


def test_a_file_of_ones_own_is_read_and_one_that_cannot_be_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("## Nightshift")
    assert anchors("shop", str(own)) == ("nightshift",)
    own.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"own\.md: the runbook cannot be read"):
        runbook("shop", str(own))
    with pytest.raises(ConfigError, match=r"there is no runbook 'shop'.*\n.*shipped are .*mre"):
        runbook("shop")


# ---- what leads there ------------------------------------------------------------------------------------------------


def _shipped_profile(named: str, /, **changes: object) -> Profile:
    path = find(named)
    assert path
    return load(path).model_copy(update=changes)


def test_lint_names_a_section_that_is_not_there_and_the_one_that_was_meant() -> None:
    profile = _shipped_profile("mre")
    rules = {**profile.rules}
    rules["stale-locks"] = rules["stale-locks"].model_copy(update={"runbook": "mre#stale-loks"})
    rules["job-failure-rate"] = rules["job-failure-rate"].model_copy(update={"runbook": "mer#stale-locks"})
    found = check(_shipped_profile("mre", rules=rules))
    assert "[rules.stale-locks] runbook: mre has no section 'stale-loks'; 'stale-locks'?" in found
    assert "[rules.job-failure-rate] runbook: there is no runbook 'mer'" in found
    assert len(found) == 2


def test_the_sections_of_ones_own_file_are_checked_and_those_of_another_place_are_not(tmp_path: Path) -> None:
    profile = _shipped_profile("mre")
    own = tmp_path / "own.md"
    own.write_text("## Stale locks")
    there = profile.runbook.model_copy(update={"path": str(own)})
    found = check(_shipped_profile("mre", runbook=there))
    assert "[rules.service-down] runbook: mre has no section 'health'" in found
    assert not [line for line in found if line.startswith("[rules.stale-locks]")]
    elsewhere = {
        name: rule.model_copy(update={"runbook": rule.runbook.replace("mre#", "shop#")})
        for name, rule in profile.rules.items()
    }
    url = profile.runbook.model_copy(update={"url": "https://wiki.example/shop"})
    assert not [
        line for line in check(_shipped_profile("mre", name="shop", rules=elsewhere, runbook=url)) if "shop" in line
    ]


# ---- the texts that come with watchdeck ------------------------------------------------------------------------------


def _shown(line: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_runbook_fits_80_columns_and_its_links_arrive(name: str) -> None:
    text = runbook(name)
    there = anchors(name)
    assert len(text.title) <= 80 and len(there) == len(set(there))
    assert [line for line in text.lines if len(_shown(line)) > 79] == []
    links = re.findall(r"\]\(#([^)]*)\)", "\n".join(text.lines))
    assert links and set(links) <= set(there)


@pytest.mark.parametrize("name", shipped())
def test_every_section_that_a_rule_opens_says_what_to_do_and_when_it_is_over(name: str) -> None:
    text = runbook(name)
    for rule in _shipped_profile(name).rules.values():
        section = text.section(reference(rule.runbook)[1])
        assert section is not None, rule.title
        body = text.text(section)
        assert "**Do**" in body and "**Done when**" in body, rule.title
