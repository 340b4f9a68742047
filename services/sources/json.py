"""A JSON document over HTTP, and the figures in it that the profile names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.errors import SourceError
from services.json_path import find, steps, unit
from services.profile import JsonSource
from services.readings import NamedFigure, NamedValues
from services.sources.http_client import Body, HttpClient
from services.sources.json_items import of_list

if TYPE_CHECKING:
    from services.sources import Parts


def make(name: str, spec: JsonSource, parts: Parts) -> Document:
    return Document(name, spec)


class Document:
    """One address. A figure that is not in the document is unknown; the others are told all the same."""

    def __init__(self, name: str, spec: JsonSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._also = spec.also
        self._paths = {figure: steps(path) for figure, path in spec.figures.items()}
        headers = {"accept": "application/json", **spec.headers}
        self._items = spec.items
        self._client = HttpClient(spec.url, headers, spec.timeout, spec.max_bytes)

    async def fetch(self) -> NamedValues:
        document = parsed(await self._client.get_ok(also=self._also), self._client)
        figures = []
        for name, path in self._paths.items():
            value, told = find(document, path)
            figures.append(NamedFigure(name, value, told or unit(name)))
        for name, items in self._items.items():
            figures += of_list(document, name, items)
        return NamedValues(self._client.shown_url, tuple(figures))

    async def close(self) -> None:
        await self._client.close()


def parsed(body: Body, client: HttpClient, path: str = "") -> Any:
    """SourceError when the answer is no JSON, or too long."""
    plain = client.whole(body, path)
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):  # not JSON, or nested to provoke us
        if body.status >= 400:
            raise client.failed(body, path) from None
        raise SourceError(
            "protocol",
            f"{client.where(path)}: the answer is no JSON: {body.start}",
            "check `url` of the source in the profile: it may lead to a page for people, or to a login",
        ) from None
