"""The profile that a stack writes: valid TOML, a valid profile, and nothing of the shipped one lost."""

from __future__ import annotations

import tomllib
from importlib import resources

from services.demo.ready_profile import ready_profile, to_toml
from services.lint import check
from services.profile import parse


def test_what_is_written_reads_back_the_same() -> None:
    shipped = tomllib.loads((resources.files("services") / "profiles" / "mre.toml").read_text())
    assert tomllib.loads(to_toml(shipped)) == shipped


def test_levels_with_windows_of_their_own_wait_no_longer_either_and_idle_sessions_may_be_ended_at_once() -> None:
    text = ready_profile("treazr-island", {}, "", {}, "", {"kubectl": "/demo/kubectl"})
    profile = parse(text, "ready.toml")
    errors, pressure = profile.rules["api-5xx-ratio"], profile.rules["node-pressure"]
    assert errors.warn and errors.page and pressure.warn
    assert (errors.warn.window, errors.page.window, errors.min_events) == (60, 60, 10)
    assert (pressure.warn.for_, pressure.warn.value) == (10, 0)
    assert profile.actions["kill-idle-connections"].older_than == 5
    scale = profile.actions["scale-workers"]
    assert scale.argv[:2] == ("/demo/kubectl", "scale") and scale.post_check[0] == "/demo/kubectl"
    assert profile.actions["renew-certificate"].argv[0] == "cmctl", "there is no other of that name"


def test_texts_that_toml_would_trip_over_survive() -> None:
    odd = {"a.b": {'"quoted"': 'back\\slash "and" \u00e9\U0001f600\t'}, "empty": {}, "list": ["x", "y"], "yes": True}
    assert tomllib.loads(to_toml(odd)) == odd


def test_it_is_the_shipped_profile_at_the_addresses_of_the_stack() -> None:
    addresses = {"MRE_API": "http://127.0.0.1:1", "MRE_DSN": "dbname=x", "MRE_ENVIRONMENT": "demo"}
    text = ready_profile("mre", addresses, "http://127.0.0.1:2/secret", {"stale-locks": "Locks"}, "/tmp/state")
    profile = parse(text, "ready.toml")
    assert profile.sources["api"].url == "http://127.0.0.1:1"
    assert profile.demo and profile.demo.control == "http://127.0.0.1:2/secret"
    assert profile.environment.name == "demo" and not profile.environment.is_production
    assert profile.rules["stale-locks"].value == 20 and profile.rules["stale-locks"].for_ == 10
    ratio = profile.rules["api-5xx-ratio"]
    assert (ratio.value, ratio.window, ratio.min_events) == (0.01, 60, 20)  # in a fifth of the time a fifth of them
    assert profile.sources["bucket"].interval == 15 and profile.sources["runs"].window == 3600
    assert "interval '1 minute'" in profile.sources["logins"].query
    assert check(profile) == []
    shipped = parse((resources.files("services") / "profiles" / "mre.toml").read_text(), "mre.toml")
    assert profile.actions.keys() == shipped.actions.keys() and profile.patterns == shipped.patterns
