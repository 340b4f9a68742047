"""Rolls out images and configuration: `pause`, `rollback`, `config`, `degrade`, and `status` to see how it stands."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]
LIMITS = ("INGEST_MAX_BATCH_ITEMS", "MAX_REQUEST_BODY_BYTES")
WAIT_S = 30.0
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Release = dict[str, Any]


def read() -> Release:
    release: Release = json.loads((HOME / "release.json").read_text())
    return release


def write(release: Release) -> None:
    path = HOME / f".release.json.{os.getpid()}"
    path.write_text(json.dumps(release, indent=1))
    path.replace(HOME / "release.json")


def live() -> Release:
    """What the running API says of itself; nothing while it does not answer."""
    try:
        with OPENER.open((HOME / "url").read_text() + "/health/live", timeout=2) as answer:
            told: Release = json.load(answer)
            return told
    except (OSError, ValueError):
        return {}


def changed(**to: Any) -> Release:
    """As it is afterwards: nobody else changes it meanwhile."""
    with (HOME / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        release = {**read(), **to}
        write(release)
    return release


def restart(**to: Any) -> int:
    """Written, and waited for until it is what runs."""
    release = changed(**to, revision=read()["revision"] + 1)
    print(f"rolling out {release['image']}, revision {release['revision']}", flush=True)
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if live().get("revision") == release["revision"]:
            print("live")
            return 0
        time.sleep(0.1)
    print(f"not live after {WAIT_S:.0f} s", file=sys.stderr)
    return 1


def configure(release: Release, pairs: list[str], revert: bool) -> int:
    if revert:
        if release["previous"] is None:
            print("there is no change to revert", file=sys.stderr)
            return 1
        return restart(config=release["previous"], previous=None)
    config = {**release["config"], **dict(zip(pairs[::2], pairs[1::2], strict=True))}
    return restart(config=config, previous=release["config"])


def holds(release: Release, word: str) -> bool:
    if word in ("known-good", "live"):
        now = live()
        wanted = release["known_good"] if word == "known-good" else release["image"]
        return (now.get("version"), now.get("revision")) == (wanted, release["revision"])
    if word == "paused":
        return bool(release["paused"])
    return bool(release["degraded"]) == (word == "degraded")


def status(release: Release, told: argparse.Namespace) -> int:
    if told.word:
        return int(not holds(release, told.word))
    if told.limits:
        now = live()
        return int([now.get(name) for name in LIMITS] != told.limits)
    state = "paused" if release["paused"] else "rolled out" if release["share"] == 1 else "rolling out"
    said = {**release, "state": state, "paused": int(release["paused"]), "degraded": int(release["degraded"])}
    print(json.dumps(said) if told.json else f"{release['image']} on {release['share']:.0%}: {state}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("pause")
    commands.add_parser("rollback")
    config = commands.add_parser("config")
    config.add_argument("pairs", nargs="*")
    config.add_argument("--revert", action="store_true")
    commands.add_parser("degrade").add_argument("mode", choices=("on", "off"))
    shown = commands.add_parser("status")
    shown.add_argument("--json", action="store_true")
    shown.add_argument("--is", dest="word", choices=("paused", "known-good", "live", "degraded", "normal"))
    shown.add_argument("--limits", nargs=2)
    told = parser.parse_args()
    release = read()
    match told.command:
        case "pause":
            changed(paused=True)
        case "degrade":
            changed(degraded=told.mode == "on")
        case "rollback":
            return restart(image=release["known_good"], share=1.0, paused=False)
        case "config":
            return configure(release, told.pairs, told.revert)
        case _:
            return status(release, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
