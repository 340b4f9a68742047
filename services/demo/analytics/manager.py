"""Answers the demo's `systemctl`: an argument list in, what it prints and its exit code out; one a connection."""

from __future__ import annotations

import json
import socketserver
import threading
from typing import Any

from services.demo.analytics.units import Units


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        told = json.loads(self.rfile.readline() or b"{}")
        server: Any = self.server
        if told.get("secret") == server.secret:
            self.wfile.write(json.dumps(answer(server.units, told["argv"])).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve_units(units: Units, secret: str) -> int:
    """In a thread of its own; the port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.units, server.secret = units, secret  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, name="units", daemon=True).start()
    return int(server.server_address[1])


def answer(units: Units, argv: list[str]) -> dict[str, Any]:
    options = [each for each in argv if each.startswith("--")]
    verb, *names = [each for each in argv if not each.startswith("--")] or [""]
    if verb == "show":
        asked = next((each.partition("=")[2].split(",") for each in options if each.startswith("--property=")), [])
        return {"code": 0, "out": units.show(names, asked), "err": ""}
    if verb == "status":
        return {"code": 0, "out": units.show(names, ["Id", "Description", "ActiveState", "SubState"]), "err": ""}
    wrong = [said for name in names if (said := units.do(verb, name))]
    return {"code": 1 if wrong else 0, "out": "", "err": "\n".join(wrong)}
