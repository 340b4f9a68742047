"""Each of mre's playbooks carried out from the keyboard, from the alert to the closed incident and its export.

    python -m tests.bench.playbooks                                all four
    python -m tests.bench.playbooks --only storage-partial-outage  one of them

A demo and its console in a pseudo-terminal, driven by keys alone. Ends with 1 when an export lacks something.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.profile import Procedure, Step, find, load
from services.records.markdown import plain
from tests.bench.terminal import Program

PATIENCE_S = 120.0
RECOVERED_S = 1000.0  # rates are of 15 minutes
KEY_S = 0.12  # between two keys


@dataclass(frozen=True)
class Plan:
    """How a playbook is carried out: what is broken, which alert tells, which optional steps are taken."""

    scenario: str
    alert: str
    optional: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)  # what its actions ask for
    repaired_before: str = ""  # the step before which somebody else repairs it, where nobody at the console can


PLANS: Mapping[str, Plan] = {
    "ingestion-failing": Plan(
        "parser-regression", "Job failure rate", frozenset(("format", "requeue", "format-again")), {"family": "gpx"}
    ),
    "lap-detection-failing": Plan(
        "bad-release", "Job failure rate|API errors|A health endpoint", frozenset(("rollback", "requeue"))
    ),
    "fusion-backlog": Plan("fusion-backlog", "A queue grows"),
    "storage-partial-outage": Plan("storage-outage", "Storage write errors|Job failure rate", repaired_before="watch"),
}
ALERTED = (r"\| alert \| .*: firing", r"\| alert \| .*: ok")
WANTED = ("## Timeline", "## Actions", "## Root cause", "## Prevention", "Closed:** 2", "Storm of the drill")


class Missed(Exception):
    """The screen never showed what was waited for."""


@dataclass
class Operator:
    """Somebody who reads the screen and presses keys."""

    program: Program
    began: float = field(default_factory=time.monotonic)

    def note(self, text: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.program.send(key.encode())
            time.sleep(KEY_S)

    def sees(self, pattern: str, timeout: float = PATIENCE_S) -> re.Match[str]:
        """The first match on the screen, now or soon."""
        found: list[re.Match[str]] = []

        def seen(text: str) -> bool:
            found[:] = [match] if (match := re.search(pattern, text, re.M)) else []
            return bool(found)

        if not seen(self.program.text()) and self.program.until(seen, timeout) is None:
            raise Missed(f"never saw {pattern!r}; the screen was:\n{self.program.text()}")
        return found[0]

    def palette(self, words: str, offered: str) -> None:
        self.press(":")
        self.sees("🔎", 10)
        self.press(words)
        self.sees(offered, 10)
        time.sleep(0.5)
        self.press("\r")

    def answer(self, question: str, words: str, end: str = "\r") -> None:
        self.sees(question, 20)
        self.press("\x15", words, end)
        time.sleep(0.5)

    def confirm(self) -> bool:
        """Whatever the dialog asks for. Whether it leaves a rest for another time."""
        self.sees(r"type the \w+, |press \w+ to confirm", 30)
        time.sleep(0.8)  # it hears nothing before it could be read
        text = self.program.text()
        if one := re.search(r"press (\w+) to confirm", text):
            self.press(one[1])
        else:
            asked = re.search(r"type the \w+, (.+?): \[", text)
            assert asked is not None
            self.press("\t", asked[1].strip(), *(("\r", "drill") if "reason: [" in text else ()), "\r")
        said = self.sees(r"^\S (done|partial|not applied|unknown|denied): .*\S", 180)[0]  # on the status line
        self.note(said)
        if " done: " not in said:
            raise Missed(f"the action did not end well: {said}")
        return "the rest is left" in text


# -- the parts of the way ---------------------------------------------------------------------------------------------


def open_incident(operator: Operator, plan: Plan) -> str:
    operator.sees(rf"firing .*({plan.alert})")
    operator.note(f"alert: {plan.alert}")
    operator.press("0")
    operator.sees("━ Rules")
    operator.press("i")
    for question in ("how bad is it", "what is wrong"):
        operator.sees(question, 20)
        operator.press("\r")
        time.sleep(0.5)
    incident = operator.sees(r"incident-[0-9a-f]{6}")[0]
    operator.press("a")
    operator.sees("Enter takes it", 20)
    operator.press("\r")
    operator.note(f"{incident} is open and in hand")
    return incident


def walk(operator: Operator, procedure: Procedure, plan: Plan) -> None:
    operator.palette(procedure.title.lower(), f"Start playbook: {procedure.title}")
    operator.sees("begin a run", 20)
    operator.press("y")
    for number, (name, step) in enumerate(procedure.steps.items()):
        operator.sees(rf"{procedure.title} · {number} of")
        operator.sees(rf"▸ ○ to do +{re.escape(step.title[:20])}")
        take(operator, name, step, plan)
        operator.note(f"step {name}")
    operator.sees(rf"{procedure.title} · {len(procedure.steps)} of")
    operator.press("c")
    operator.answer("anything to add", "")
    operator.sees("complete")


def take(operator: Operator, name: str, step: Step, plan: Plan) -> None:
    """One step: skipped, or its action done, its conditions waited for, and ticked."""
    if step.optional and name not in plan.optional:
        operator.press("x")
        operator.answer("skipped, why", "")
        return
    if name == plan.repaired_before:
        operator.palette(f"repair {plan.scenario}", f"repair {plan.scenario}")
        operator.sees("repaired", 20)
    if step.action:
        act(operator, plan)
    if step.holds:
        operator.sees(r"▸ ○ to do .*● holds", RECOVERED_S)
    operator.press(" ")
    if step.evidence:
        operator.answer("what did you see", f"seen in the drill: {name}")


def act(operator: Operator, plan: Plan) -> None:
    """The step's action, again for as long as its cap leaves a rest."""
    left = True
    while left:
        operator.press("X")
        time.sleep(1.0)
        text = operator.program.text()
        if asked := re.search(r"which (\w+)\?", text):
            operator.answer(asked[0], plan.answers[asked[1]])
        elif "for how long" in text:
            operator.press("\r")
        left = operator.confirm()


def close_incident(operator: Operator, state: Path) -> str:
    """Written up, resolved, closed and exported; the export's text."""
    operator.press("i")
    operator.sees("━ What is known of it", 20)
    operator.press("g", *"jjjj", "\r")
    operator.answer("Scope: ", "uploads of some users", "\x13")
    operator.sees(r"Scope +uploads of some users")  # before it is kept no other question is opened
    operator.press(*"jjjj", "\r")
    operator.answer("Root cause: ", "Storm of the drill", "\x13")
    operator.sees(r"Root cause +Storm of the drill")
    operator.press("j", "\r")
    operator.answer("so that it does not come again", "a rule that sees it earlier")
    operator.answer("who owns it", "the processing team")
    operator.answer("due when", "+14d")
    operator.sees(r"Prevention 1 +a rule")
    for word, asked in (("resolved", "what was done, how is that known"), ("closed", "a last word")):
        operator.press("g", "\r")
        operator.answer("now it is", word)
        operator.answer(asked, f"{word} after the drill")
        operator.sees(rf"[●▽] {word}", 20)
    operator.press("e")
    name = operator.sees(r"(incident-\S+)\.md and", 20)[1]
    return (state / "watchdeck" / "exports" / f"{name}.md").read_text()


def carry_out(name: str) -> list[str]:
    """What its export lacks."""
    plan, procedure = PLANS[name], load(find("mre")).playbooks[name]
    with tempfile.TemporaryDirectory() as state:
        argv = [sys.executable, "-m", "tui", "demo", "--scenario", plan.scenario]
        program = Program(argv, env={"XDG_STATE_HOME": state})
        operator = Operator(program)
        try:
            open_incident(operator, plan)
            walk(operator, procedure, plan)
            text = close_incident(operator, Path(state))
            operator.press("q")
            program.until(lambda screen: False, 3)
        finally:
            program.close()
    print(text)
    return [*lacking(text, plan, procedure)]


def lacking(text: str, plan: Plan, procedure: Procedure) -> Iterator[str]:
    """What a complete export of an incident that was carried through like this would have, and this one has not."""
    taken = {key: step for key, step in procedure.steps.items() if not step.optional or key in plan.optional}
    actions = [f"| {step.action} | done |" for step in taken.values() if step.action]
    ticked = [f"| {plain(step.title)} | done |" for step in taken.values()]
    linked = [f"## Procedure: {procedure.title} (", f"carried out for it: {procedure.title}"]
    yield from (what for what in (*WANTED, *actions, *ticked, *linked) if what not in text)
    yield from (f"a line with {what}" for what in ALERTED if not re.search(what, text))
    yield from (f"(it has) {what}" for what in ("against: ", "COULD NOT BE READ", "OVERDUE") if what in text)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", choices=list(PLANS), action="append", help="one playbook; may be given again")
    lacks: dict[str, list[str]] = {}
    for name in asked.parse_args().only or PLANS:
        print(f"{name}:", flush=True)
        try:
            lacks[name] = carry_out(name)
        except Missed as missed:
            lacks[name] = [str(missed)]
        print(f"{name}: {'; '.join(lacks[name]) or 'complete'}", flush=True)
    sys.exit(1 if any(lacks.values()) else 0)


if __name__ == "__main__":
    main()
