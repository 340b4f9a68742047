"""Channels that could not deliver the first notice are told beforehand."""

from __future__ import annotations

import pytest

from services.errors import ConfigError
from services.lint import check
from services.profile import parse
from tests.watching import HEAD

WRONG = {
    'kind = "bell"\nseverities = ["SEV9"]': "[notify.x] severities: 'SEV9' is none of SEV1",
    'kind = "jsonl"\npath = "/tmp/x"\ntimeout = 0': "[notify.x] timeout: it must be more than nothing",
    'kind = "webhook"\nurl = "hooks.example/x"': "[notify.x] url: it is not like https://host/path",
    'kind = "alertmanager"\nurl = "http://am:9093"\nevery = "100ms"': "[notify.x] every: once a second",
    'kind = "apprise"\nurls_env = "slack://token/x"': "[notify.x] urls_env: it is the name of an environment",
    'kind = "email"\nhost = "h"\nsender = "a"\nto = ["b"]\nuser = "u"': "[notify.x] password_env: with `user`",
}
RIGHT = """
[notify.ring]
kind = "bell"
severities = ["SEV1"]
[notify.hook]
kind = "webhook"
url = "https://${SHOP_HOOK:-hooks.example}/x"
headers = { authorization = "Bearer ${SHOP_TOKEN:-none}" }
[notify.mail]
kind = "email"
host = "${SHOP_MAIL:-localhost}"
sender = "a"
to = ["b"]
user = "u"
password_env = "SHOP_PASSWORD"
[notify.log]
kind = "jsonl"
path = "${SHOP_LOG:-/tmp/x}"
"""


@pytest.mark.parametrize("table", WRONG)
def test_what_is_wrong_with_a_channel_is_told_with_its_key(table: str) -> None:
    (problem,) = check(parse(f"{HEAD}[notify.x]\n{table}\n", "test"))
    assert problem.startswith(WRONG[table])


def test_addresses_and_headers_may_come_from_the_environment_and_nothing_else() -> None:
    assert check(parse(HEAD + RIGHT, "test")) == []
    with pytest.raises(ConfigError, match=r"notify\.x\.sender: .* addresses, headers and commands only"):
        parse(f'{HEAD}[notify.x]\nkind = "email"\nhost = "h"\nto = ["b"]\nsender = "${{WHO:-me}}"\n', "test")


def test_two_channels_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"notify|x"):
        parse(f'{HEAD}[notify.x]\nkind = "bell"\n[notify.x]\nkind = "osc9"\n', "test")
