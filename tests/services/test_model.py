"""What is written in a profile as a text and means a number."""

from __future__ import annotations

import pytest

from services.model import parse_size


@pytest.mark.parametrize(
    ("text", "size"), [("1.5kB", 1500), ("200 GB", 200 * 10**9), ("2GiB", 2**31), ("7B", 7), (42, 42)]
)
def test_a_size_is_bytes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["2gb", "GB", "-1GB", "1 000 MB", "2KiB", ""])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size like '500MB'"):
        parse_size(text)
