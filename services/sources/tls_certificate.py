"""The dates and names of a certificate, read from its DER form.

The standard library tells them only of a certificate that it trusts, and those that it does not are the ones to look
at. X.509 is nested elements of a tag, a length and a content; only the few that lead to the fields are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.text import safe

_VERSION, _SET = 0xA0, 0x31
_UTC_TIME, _BMP_STRING = 0x17, 0x1E
# Attributes of a name that tell one from another, in the order in which they are shown.
_SHOWN = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}


@dataclass(frozen=True, slots=True)
class Dated:
    not_before: float  # unix seconds
    not_after: float
    subject: str  # "CN=api.example.org, O=Example"
    issuer: str


def read(der: bytes) -> Dated:
    """ValueError when it is no certificate."""
    try:
        (_, certificate), *_ = _elements(der)
        (_, to_be_signed), *_ = _elements(certificate)
        fields = [found for found in _elements(to_be_signed) if found[0] != _VERSION]
        _serial, _algorithm, (_, issuer), (_, validity), (_, subject), *_ = fields
        begins, ends = map(_time, _elements(validity))
        return Dated(begins, ends, _name(subject), _name(issuer))
    except (IndexError, TypeError, UnicodeDecodeError) as error:
        raise ValueError("not the form of a certificate") from error


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each of the elements that follow one another."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:  # the long form: so many bytes of length follow
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise ValueError("an element is longer than what there is of it")
        yield tag, data[at : at + length]
        at += length


def _time(element: tuple[int, bytes]) -> float:
    tag, content = element
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year: 50 and more are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _name(sequence: bytes) -> str:
    found: dict[str, str] = {}
    for tag, relative in _elements(sequence):
        if tag != _SET:
            raise ValueError("a name that is no sequence of sets")
        for _, pair in _elements(relative):
            (_, oid), (kind, value) = _elements(pair)
            if label := _SHOWN.get(oid):
                found.setdefault(label, value.decode("utf-16-be" if kind == _BMP_STRING else "utf-8", "replace"))
    return safe(", ".join(f"{label}={found[label]}" for label in _SHOWN.values() if label in found), 200)
