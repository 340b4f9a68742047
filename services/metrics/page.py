"""A page of metrics, read: Prometheus' text format or OpenMetrics.

Names and labels of a series are spelled the same in every scrape, and taking them apart is what costs. So the text of
each series is looked up in what earlier pages taught, and only its value is read: 20,000 series take some 10 ms then,
ten times as long the first time. Call it in a thread: it holds the loop for no longer than Python's threads do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from services.metrics.keep import START, Keep
from services.metrics.line import BadLineError, number, parse
from services.readings.metrics import Labels, MetricFamily, MetricSample
from services.text import safe

MAX_SERIES = 100_000
MAX_KEPT = 5_000
_PIECE = 262_144  # bytes that are split into lines at once, which happens without letting the loop in
_ENDINGS = {  # what names of samples have behind the name in a TYPE line
    "_total": ("counter",),
    "_bucket": ("histogram", "gaugehistogram"),
    "_count": ("histogram", "summary"),
    "_sum": ("histogram", "summary"),
    "_info": ("info",),
}
# What is known of a series by its text: name and labels where it is kept, the name alone where others of its metric
# are, and None.
Known: TypeAlias = tuple[str, Labels] | str | None


class UnreadableError(ValueError):
    """No page of metrics, or not all of it: what is wrong, and in which line."""


class TooMuchError(UnreadableError):
    """More series than we are willing to look at, or to keep."""


@dataclass(slots=True)
class Page:
    samples: list[MetricSample] = field(default_factory=list)
    families: tuple[MetricFamily, ...] = ()
    series: int = 0
    kinds: dict[str, str] = field(default_factory=dict)  # by the name in the TYPE line
    named: set[str] = field(default_factory=set)  # metrics that are asked for and have series
    ended: bool = False  # by OpenMetrics' last line

    @property
    def started_at(self) -> float | None:
        found = [sample.value for sample in self.samples if sample.name == START]
        return found[0] if len(found) == 1 and math.isfinite(found[0]) else None


class Reader:
    """Reads the pages of one source."""

    def __init__(self, keep: Keep, max_series: int = MAX_SERIES) -> None:
        self._keep = keep
        self._max_series = max_series
        self._known: dict[str, Known] = {}
        self._labels: dict[str, set[str]] = {}  # metric -> names of labels that its series have

    def read(self, data: bytes, openmetrics: bool = False) -> Page:
        """UnreadableError when a line is no sample, or the page is cut short, or too long."""
        if not data.endswith(b"\n"):
            raise UnreadableError("it ends within a line" if data else "it is empty")
        page = Page()
        at = 0
        for lines in _pieces(data):
            self._take(lines, at, page)
            at += len(lines)
        if openmetrics and not page.ended:
            raise UnreadableError("it ends without # EOF")
        if len(self._known) > 2 * page.series + 1000:  # series that come and go
            self._known, self._labels = {}, {}
        page.families = tuple(self._families(page))
        return page

    def _take(self, lines: list[str], before: int, page: Page) -> None:
        known, samples, miss = self._known, page.samples, ""
        for at, line in enumerate(lines, before + 1):
            end = line.rfind("} ") + 1
            text = line[:end] if end else line.partition(" ")[0]
            found = known.get(text, miss)
            if found is None:
                page.series += 1
            elif found == miss:
                self._take_new(line, at, page)
            elif type(found) is tuple:
                page.series += 1
                page.named.add(found[0])
                samples.append(MetricSample(*found, _value(line[len(text) :], at)))
            else:
                page.series += 1
                page.named.add(str(found))
        if page.series > self._max_series:
            raise TooMuchError(f"it has more than {self._max_series:,} series")
        if len(samples) > MAX_KEPT:
            raise TooMuchError(f"rules and `keep` ask for more than {MAX_KEPT:,} of its series")

    def _take_new(self, line: str, at: int, page: Page) -> None:
        text = line.strip()
        if not text or text.startswith("#"):
            _take_comment(text, page)
            return
        try:
            parsed = parse(line)
        except BadLineError as error:
            raise UnreadableError(f"line {at}: {safe(error)}: {safe(line, 80)}") from None
        found = self._learn(parsed.name, parsed.labels)
        self._known[line[: parsed.end]] = found
        page.series += 1
        if found is not None:
            page.named.add(found if isinstance(found, str) else found[0])
        if isinstance(found, tuple):
            page.samples.append(MetricSample(*found, parsed.value))

    def _learn(self, name: str, raw: Labels) -> Known:
        name = safe(name)
        if not self._keep.asks_for(name):
            return None
        labels = tuple((safe(label), safe(value)) for label, value in raw)
        self._labels.setdefault(name, set()).update(label for label, _ in labels)
        return (name, labels) if self._keep.fits(name, labels) else name

    def _families(self, page: Page) -> Iterator[MetricFamily]:
        declared = {name for name in self._keep.metrics if _kind(name, page.kinds)}
        for name in sorted(page.named | declared):
            labels = self._labels.get(name, ()) if name in page.named else ()
            yield MetricFamily(name, _kind(name, page.kinds), tuple(sorted(labels)))


def _pieces(data: bytes) -> Iterator[list[str]]:
    """The lines, some thousand at a time. Only a line feed ends a line: labels may hold what else looks like one."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at + _PIECE)
        end = len(data) - 1 if end < 0 else end
        yield data[at:end].decode("utf-8", "replace").split("\n")
        at = end + 1


def _value(text: str, at: int) -> float:
    """What stands behind the labels; a time may follow the value."""
    try:
        return number(text)
    except BadLineError:
        pass
    words = text.split()
    try:
        return number(words[0] if words else "")
    except BadLineError as error:
        raise UnreadableError(f"line {at}: {safe(error)}") from None


def _take_comment(text: str, page: Page) -> None:
    words = text.split(None, 3)
    if words == ["#", "EOF"]:
        page.ended = True
    elif len(words) == 4 and words[1] == "TYPE":
        page.kinds[safe(words[2])] = safe(words[3], 32)


def _kind(name: str, kinds: dict[str, str]) -> str:
    """By the TYPE line of its family; empty when there is none."""
    if name in kinds:
        return kinds[name]
    for ending, fitting in _ENDINGS.items():
        if name.endswith(ending) and (kind := kinds.get(name.removesuffix(ending), "")) in fitting:
            return kind
    return ""
