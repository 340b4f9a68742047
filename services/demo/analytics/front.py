"""What stands for nginx: hands requests on to the web application, and answers 502 when nobody is there."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from services.demo.analytics.journal import ERROR, Journal
from services.demo.http import Answer, Request, serve
from services.demo.lifeline import ready, settings

UPSTREAM_S = 5.0
_BAD_GATEWAY = Answer(502, b"<h1>502 Bad Gateway</h1>", "text/html")


class Front:
    def __init__(self, port: int, journal: Journal) -> None:
        self._port = port
        self._journal = journal

    async def respond(self, request: Request) -> Answer:
        if request.path == "/":
            return Answer(200, b"<h1>nginx</h1>", "text/html")
        target = f"{request.path}?{request.query}" if request.query else request.path
        try:
            async with asyncio.timeout(UPSTREAM_S):
                return await self._handed_on(request, target)
        except (OSError, TimeoutError, ValueError) as error:
            self._journal.say(f"connect() to 127.0.0.1:{self._port} failed ({error}) upstream: {target}", ERROR)
            return _BAD_GATEWAY

    async def _handed_on(self, request: Request, target: str) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            head = f"{request.method} {target} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {request.client}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode())
            answer = await reader.read()
        finally:
            writer.close()
        lines, _, body = answer.partition(b"\r\n\r\n")
        first, *headers = lines.decode("latin-1").split("\r\n")
        kind = next((line.partition(": ")[2] for line in headers if line.lower().startswith("content-type:")), "")
        return Answer(int(first.split()[1]), body, kind)


async def main(told: dict[str, Any]) -> None:
    journal = Journal(told["journal"], "nginx")
    server = await serve(Front(int(told["upstream"]), journal).respond, int(told["port"]))
    ready(pid=os.getpid())
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(settings()))
