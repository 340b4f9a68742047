"""`watchdeck profile`: list, show and check profiles, without any network."""

from __future__ import annotations

import re
from typing import Any

import click

from tui.cli.context import Context, pass_context, profile_option

SECTIONS = (
    *("rules", "actions", "checks", "checklists", "playbooks", "records", "escalation", "views", "tools", "house"),
)
_SECRETS = (
    re.compile(r"(https?://[^\s?]*\?)\S+"),
    re.compile(r"(://[^/\s:@]*:)[^/\s]+(?=@)"),
    re.compile(r"(\b(?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&']+)", re.I),
)
EXAMPLE = """\b
Examples:
  watchdeck profile list
  watchdeck profile show mre --json | jq '.rules | keys'
  watchdeck profile check ./watchdeck.toml"""


def _example(line: str) -> str:
    return f"\b\nExample:\n  watchdeck profile {line}"


@click.group(epilog=EXAMPLE)
def command() -> None:
    """List, show and check profiles."""


@command.command("list", epilog=_example("list"))
def list_() -> None:
    """The profiles that come with watchdeck, and your own."""
    from services.profile import find, owned, shipped

    for name in sorted({*shipped(), *owned()}):
        click.echo(f"{name:20} {find(name)}")


@command.command(epilog=_example("show mre --json"))
@click.argument("name", metavar="NAME|PATH")
@click.option("--json", "as_json", is_flag=True, help="Every item under its id.")
def show(name: str, as_json: bool) -> None:
    """What a profile watches, judges and may do. Headers, passwords and queries in addresses are not shown."""
    import json

    found = _described(Context(name))
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{found['name']}: {found['title']} ({found['environment']['name']})")
    for section in ("sources", *SECTIONS, "patterns", "notify"):
        for id_, item in found[section].items():
            click.echo(f"  {section:11} {id_:26} {item.get('title', '') or item.get('kind', '')}")


@command.command(epilog=_example("check ./watchdeck.toml"))
@click.argument("path", required=False, metavar="[NAME|PATH]")
@profile_option
@pass_context
def check(context: Context, path: str | None) -> None:
    """Whether a profile can be used as it is: its form, and names that lead nowhere. Exits 2 when it cannot."""
    from services.errors import ConfigError
    from services.lint import check as lint
    from services.profile import load

    file = (Context(path) if path else context).path()
    if problems := lint(load(file)):
        raise ConfigError("\n".join(f"{file}: {problem}" for problem in problems))
    click.echo(f"{file}: ok")


def _described(context: Context) -> dict[str, dict[str, dict[str, str]]]:
    """The profile as plain data, by id. Addresses are as the environment fills them, but for what may be secret."""
    profile = context.profile()
    found = profile.model_dump(mode="json", by_alias=True, exclude={"demo": True})
    for table in ("sources", "actions", "notify"):
        for item in found[table].values():
            if "headers" in item:
                item["headers"] = dict.fromkeys(item["headers"], "(not shown)")
        found[table] = _without_secrets(found[table])
    for channel in found["notify"].values():
        if "url" in channel:  # a webhook's address is its password
            channel["url"] = "(not shown)"
    return found


def _without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_secrets(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_secrets(value) for value in node]
    if not isinstance(node, str):
        return node
    for pattern in _SECRETS:
        node = pattern.sub(r"\1(not shown)", node)
    return node
