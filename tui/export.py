"""The rows of a view as files: CSV and JSON, readable by their owner only."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

import platformdirs


def export(view: str, rows: Sequence[dict[str, str]], folder: Path | None = None) -> tuple[Path, Path]:
    """The two files. OSError when they cannot be written; an existing file is never overwritten."""
    stem = _stem(view, folder)
    table, objects = stem.with_suffix(".csv"), stem.with_suffix(".json")
    _write(table, as_csv(rows))
    _write(objects, json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n")
    return table, objects


def written(record: str, text: str, plain: object = None) -> Path:
    """A record as Markdown, and beside it as JSON where there is that. OSError as above."""
    stem = _stem(record, None)
    path = stem.with_suffix(".md")
    _write(path, text)
    if plain is not None:
        _write(stem.with_suffix(".json"), json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
    return path


def _stem(what: str, folder: Path | None) -> Path:
    folder = folder or Path(platformdirs.user_state_dir("watchdeck")) / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = folder / f"{what}-{time.strftime('%Y%m%d-%H%M%S')}"
    further = (stem.with_name(f"{stem.name}-{number}") for number in count(2))
    return next(one for one in chain((stem,), further) if not any(folder.glob(f"{one.name}.*")))


def shown(folder: Path) -> str:
    """Short enough to be said beside a name in eighty columns."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def as_csv(rows: Sequence[dict[str, str]]) -> str:
    """A cell that a spreadsheet would take for a formula gets a quote before it: its text comes from outside."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not cell[1:2].isdecimal() else cell


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
