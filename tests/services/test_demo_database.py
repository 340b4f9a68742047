"""The demo's own server: finds another port when its own is taken, and says what is missing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.demo import stack
from services.demo.database import start_cluster
from services.demo.postgres import Cluster
from services.errors import WatchdeckError


def test_a_port_that_was_taken_meanwhile_is_changed(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Cluster(tmp_path, port=taken.getsockname()[1])
        server.initialise()
        try:
            start_cluster(server)
            assert server.port != taken.getsockname()[1]
            assert server.answers()
        finally:
            server.stop()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find_spec", lambda name: None)
    with pytest.raises(WatchdeckError, match="moto") as refused:
        stack.Stack(stack.Options(), lambda line: None).start()
    assert refused.value.remedy == "pip install 'watchdeck[demo]'"
