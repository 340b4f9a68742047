"""Logins of the demo's users, and what the audit keeps of them: who and from where, which no metric has as labels."""

from __future__ import annotations

import json
from dataclasses import dataclass

from services.demo.http import Request
from services.demo.link import Link

_AUDITED = """
INSERT INTO audit_events (actor, kind, detail)
VALUES (%(account)s, %(kind)s, jsonb_build_object('ip', %(ip)s::text, 'account', %(account)s::text))
"""
_ISSUED = """
INSERT INTO audit_events (actor, kind, detail)
VALUES ('api', 'signed-urls.issued', jsonb_build_object('count', %(count)s::int))
"""


@dataclass(frozen=True)
class Login:
    account: str
    password: str
    ip: str

    @classmethod
    def of(cls, request: Request) -> Login | None:
        """None when the request is not one."""
        try:
            told = json.loads(request.body)
            return cls(str(told["account"]), str(told["password"]), request.client)
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def right(self) -> bool:
        return self.password == password_of(self.account)


def password_of(account: str) -> str:
    """Nobody guards anything with it: these users live in a demo."""
    return f"{account}'s own"


def record(link: Link, login: Login, succeeded: bool) -> None:
    kind = "login.succeeded" if succeeded else "login.failed"
    link.rows(_AUDITED, account=login.account, kind=kind, ip=login.ip)


def record_links(link: Link, count: int) -> None:
    """How many links were issued since the last entry: one row each would drown everything else."""
    link.rows(_ISSUED, count=count)
