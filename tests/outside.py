"""What the tests of actions outside a database share: a profile without one, a runner in this process, programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from services.actions.journal import Journal
from services.actions.plan import Outcome, Plan, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner
from services.profile import Profile, parse

BASE = """
schema = 1
name = "shop"
title = "Shop"
[environment]
name = "{environment}"
[roles]
default = "operator"
[sources.api]
kind = "http"
url = "http://127.0.0.1:1"
paths = ["/health"]
"""
WHY = "it hangs"


@dataclass(frozen=True)
class Bench:
    profile: Profile
    journal: Journal

    async def plan(self, action: str, **args: str) -> Plan:
        async with previewing(self.profile, action) as prospect:
            request = Request(action=action, args=args)
            return await preview(self.profile, request, prospect, actor="alice", role="operator")

    def runner(self, plan: Plan, said: list[str] | None = None) -> Runner:
        runner = Runner(self.profile, plan, WHY, "alice", self.journal)

        async def hear(line: str) -> None:
            if said is not None:
                said.append(line)

        runner.on_line = hear
        return runner

    async def act(self, plan: Plan, said: list[str] | None = None) -> Outcome:
        return await self.runner(plan, said).carry_out()

    async def do(self, action: str, **args: str) -> Outcome:
        return await self.act(await self.plan(action, **args))


def bench(folder: Path, actions: str, environment: str = "staging") -> Bench:
    profile = parse(BASE.replace("{environment}", environment) + actions, "test")
    return Bench(profile, Journal(folder / "state" / "shop" / "audit.jsonl"))


def program(folder: Path, name: str, text: str) -> Path:
    """A program of our own, on PATH."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{text}")
    path.chmod(0o755)
    return path
