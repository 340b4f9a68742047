"""Evidence reports: written once, read back as they were written, and readable by whoever asks for evidence."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt

from services.records import report
from services.records.report import Line
from services.records.store import Records


def _records(folder: Path) -> Records:
    return Records(folder / "mre.records.sqlite")


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    records = _records(tmp_path)
    lines = (Line("ok", "tombstone", "there"), Line("failed", "object a/1", "still there"), Line("unknown", "session"))
    report.write(records, "verify-deletion", "Request 17", "ada", 100.0, False, lines, {"objects": 2.0, "age": None})
    report.write(records, "verify-datasets", "Datasets", "ada", 150.0, True)
    record = report.write(records, "verify-deletion", "Request 18", "ada", 200.0, True, lines[:1])

    newest = report.newest(records, "verify-deletion")
    assert newest is not None and (newest.record, newest.title, newest.passed) == (record, "Request 18", True)
    (first, *_) = [report.fold(events) for events in records.all("report").values()][::-1]
    assert (first.lines, first.figures, first.at, first.by) == (lines, {"objects": 2.0, "age": None}, 100.0, "ada")
    assert [line.what for line in first.failed] == ["object a/1", "session"]
    assert report.newest(records, "verify-backup") is None


def test_as_markdown_what_is_wrong_stands_first_and_nothing_in_it_is_acted_on(tmp_path: Path) -> None:
    records = _records(tmp_path)
    lines = (Line("ok", "tombstone"), Line("failed", "object \x1b[31mred", "still\nthere"))
    report.write(records, "verify-deletion", "Request 17", "ada", 0.0, False, lines, {"objects": 12.0, "age": None})
    found = report.newest(records, "verify-deletion")
    assert found is not None
    text = report.markdown(found)
    assert text.startswith("# Request 17: NOT PASSED\n\n1970-01-01 00:00:00 UTC, by ada")
    assert text.index("object \\\\x1b\\[31mred: still\\\\nthere") < text.index("tombstone")
    assert "- objects: 12\n- age: unknown\n" in text and "\x1b" not in text


def test_what_somebody_called_an_object_makes_nothing_of_itself_in_markdown(tmp_path: Path) -> None:
    records, key = _records(tmp_path), "raw/# `x` [all is well](http://evil/) <b> | www.evil.example"
    lines = (Line("failed", f"object {key}", key),)
    report.write(records, "run-retention", key, "*ada*", 0.0, False, lines, {key: key})
    found = report.newest(records, "run-retention")
    assert found is not None
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(report.markdown(found))
    inside = {child.type for token in tokens for child in token.children or ()}
    assert inside <= {"text", "text_special"}
    assert report.markdown(found).count("\n#") == 1  # the heading of what is wrong, and no other


def test_a_word_that_is_not_known_is_unknown_and_never_ok(tmp_path: Path) -> None:
    records = _records(tmp_path)
    records.open("report", "x", "Of a later version", "ada", 0.0, passed="yes", lines=[["fine", "a", ""]])
    found = report.newest(records, "x")
    assert found is not None and not found.passed and found.lines[0].word == "unknown"
