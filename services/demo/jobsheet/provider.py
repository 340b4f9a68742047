"""The demo's OCR provider: knows one key, a rate limit, and bad days that a scenario gives it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path

from services.demo import lifeline
from services.demo.http import Answer, Request, port_of, serve

KEY = "demo-key"
MOOD = "provider"  # the file in the demo's folder that says how it is: fine, down or limited
RATE = 60  # pages in a second
READS_S = 0.01


class Provider:
    def __init__(self, home: Path) -> None:
        self._mood = home / MOOD
        self._pages: deque[float] = deque()

    async def respond(self, request: Request) -> Answer:
        mood = self._mood.read_text()
        if mood == "down":
            return Answer.of({"message": "service unavailable"}, 503)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Answer.of({"message": "unauthorized"}, 401)
        if request.path == "/v1/models":
            return Answer.of({"data": [{"id": "ocr-latest"}]}, 429 if mood == "limited" else 200)
        if request.path == "/v1/ocr" and request.method == "POST":
            return await self._read(mood)
        return Answer.of({"message": "not found"}, 404)

    async def _read(self, mood: str) -> Answer:
        now = time.monotonic()
        while self._pages and self._pages[0] < now - 1:
            self._pages.popleft()
        if mood == "limited" or len(self._pages) >= RATE:
            return Answer.of({"message": "rate limit exceeded"}, 429)
        self._pages.append(now)
        await asyncio.sleep(READS_S)
        return Answer.of({"pages": [{"markdown": "JOB SHEET"}]})


async def _serve(home: Path) -> None:
    server = await serve(Provider(home).respond)
    lifeline.ready(port=port_of(server))
    await server.serve_forever()


def main() -> None:
    asyncio.run(_serve(Path(lifeline.settings()["home"])))


if __name__ == "__main__":
    main()
