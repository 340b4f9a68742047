"""The demo's OAuth server: gives a token to whoever asks, by a clock that is right."""

from __future__ import annotations

import asyncio
import time

from services.demo import lifeline
from services.demo.http import Answer, Request, port_of, serve
from services.demo.jobsheet.tokens import issued


async def respond(request: Request) -> Answer:
    if request.path == "/health":
        return Answer.of({"status": "ok"})
    if request.path == "/token" and request.method == "POST":
        return Answer.of({"token": issued(time.time())})
    return Answer.of({"error": "not found"}, 404)


async def _serve() -> None:
    lifeline.settings()
    server = await serve(respond)
    lifeline.ready(port=port_of(server))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
