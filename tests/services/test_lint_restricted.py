"""What `profile check` says of [restricted]."""

from __future__ import annotations

import pytest

from services import lint
from services.profile import parse
from tests.actions import profile_of

TEXT = profile_of("dbname=x")


def problems(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return "\n".join(lint.check(parse(text, "test")))


def test_the_shipped_profile_has_none() -> None:
    assert "restricted" not in problems()


COLUMNS = '"jobs.payload" = "admin"'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (COLUMNS, '"jobs.state" = "support"', "jobs.state: the mapping's states.waiting cannot do without it"),
        (
            COLUMNS,
            '"jobs.locked_by" = "admin"',
            "jobs.locked_by: the mapping's actions.release.match would show locked_by",
        ),
        (COLUMNS, '"audit_events.detail" = "admin"', "[sources.logins] reads: audit_events.detail is restricted"),
        ('sources = ["due"]', 'sources = ["nobody"]', "there is no source 'nobody'"),
        ('sources = ["due"]', 'sources = ["jobs"]', "jobs is of kind queue"),
        ('params = { id = "[0-9]{1,18}" }\ntables = ["jobs"]', 'tables = ["jobs"]', ":id has no pattern in `params`"),
        ('WHERE j.id = :id::bigint"', 'WHERE j.id = 1"', "params: id does not stand in the query"),
        (
            'job = "id"\nparams = { id = "[0-9]{1,18}" }\ntables = ["jobs"]',
            'job = "x"\nparams = { id = "(" }\ntables = ["jobs"]',
            "there is no parameter 'x'",
        ),
        ('do = "revoke"', 'do = "approve"', 'no action has effect = "elevation" and do = "revoke"'),
    ],
)
def test_what_does_not_fit_is_named(old: str, new: str, told: str) -> None:
    assert told in problems((old, new))
