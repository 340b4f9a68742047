"""9 Storage: whether the bucket can be used, what should arrive in it, how it is set up, what fills it, and MinIO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from services.readings import BucketValues, MinioValues, StorageValues
from tui.deck import Deck
from tui.judged import firing
from tui.screens import PAGES
from tui.screens.course import course, percent, seconds
from tui.screens.paged import PagedScreen, on_page, table_on
from tui.screens.view import Slot
from widgets import arrivals, minio, settings, storage
from widgets.pane import Content, Lines, Pane

if TYPE_CHECKING:
    from services.profile.sources.s3 import Expected


class Storage(PagedScreen):
    view, named = "storage", "Storage"
    pages = tuple(PAGES["storage"])
    hints = (("turn", "next page"), ("poll", "ask now"), ("runbook", "runbook"), ("act.all", "actions"))
    DEFAULT_CSS = """
    Storage.-tall #bucket { height: 14; }
    Storage #arrival { height: 8; }
    Storage #setting { height: 5; }
    Storage.-tall #cluster { height: 14; }
    """

    def make(self) -> Iterator[Slot]:
        yield from self._used()
        yield from self._kept()
        prefixes = table_on("prefixes", "Prefixes", "prefixes")
        yield Slot(prefixes, "s3", lambda deck: deck.made("s3", StorageValues, storage.prefixes))
        cluster = on_page("minio", Pane("MinIO", id="cluster"))
        yield Slot(cluster, "minio", lambda deck: deck.made("minio", MinioValues, minio.cluster))
        used = on_page("minio", Pane("Capacity in use", id="capacity"), "roomy")
        yield Slot(used, "minio", course("minio", "used_share", percent))

    def _used(self) -> Iterator[Slot]:
        def bucket(deck: Deck) -> Content | None:
            return deck.made("s3", StorageValues, lambda v: storage.bucket(v, deck.at("s3")))

        yield Slot(on_page("bucket", Pane("Bucket", id="bucket")), "s3", bucket)
        reads = on_page("bucket", Pane("P95 of reads", id="reads"), "roomy")
        yield Slot(reads, "s3", course("s3", "read_p95_s", seconds))
        writes = on_page("bucket", Pane("Writes that fail", id="writes"), "roomy")
        yield Slot(writes, "s3", course("s3", "recent_write_errors", percent))

    def _kept(self) -> Iterator[Slot]:
        self.arrivals = table_on("arrivals", "What should arrive", "arrivals")
        yield Slot(self.arrivals, "bucket", _arrivals)
        yield Slot(on_page("arrivals", Pane("This arrival", id="arrival"), "second"), "bucket", self._arrival)
        self.settings = table_on("settings", "Settings", "settings")
        yield Slot(self.settings, "bucket", _settings)
        yield Slot(on_page("settings", Pane("This setting", id="setting"), "second"), "bucket", self._setting)

    def _arrival(self, deck: Deck) -> Content:
        row = self.arrivals.selected
        if row is None:
            return Lines(())
        expected = _expected(deck).get(row.key)
        return arrivals.detail(row.data, _due(deck), expected.min_share if expected else 0.0)

    def _setting(self, deck: Deck) -> Content:
        row = self.settings.selected
        return settings.detail(row.data) if row else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)


def _expected(deck: Deck) -> Mapping[str, Expected]:
    return getattr(deck.profile.sources.get(deck.source("bucket")), "arrivals", {})


def _due(deck: Deck) -> dict[str, float]:
    return {name: expected.every for name, expected in _expected(deck).items()}


def _arrivals(deck: Deck) -> Content | None:
    return deck.made("bucket", BucketValues, lambda v: arrivals.arrivals(v, _due(deck)))


def _settings(deck: Deck) -> Content | None:
    source = deck.source("bucket")
    return deck.made(
        "bucket", BucketValues, lambda v: settings.settings(v, lambda name: firing(deck, source, f"settings.{name}.on"))
    )
