"""Notices as lines of JSON in a file: for a log shipper, or for whoever asks later what was said when."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from services.errors import DeliveryError
from services.notify.message import Message
from services.profile.notify import JsonlChannel


def make(name: str, spec: JsonlChannel) -> Jsonl:
    return Jsonl(name, Path(spec.path).expanduser())


class Jsonl:
    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._append, json.dumps(message.data) + "\n")

    def _append(self, line: str) -> None:
        """One write to a file opened for appending: lines of two consoles do not mix."""
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise DeliveryError(
                f"{self.name}: {self._path} cannot be written: {error.strerror}",
                "check `path`, and who may write there",
            ) from error
