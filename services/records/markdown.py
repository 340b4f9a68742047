"""Text that people typed, or that came from outside, inside of Markdown: it stays text there."""

from __future__ import annotations

import re
import time

from services.text import safe

# between two digits these stand in dates, times and versions, and mean nothing
# Anywhere in a line: emphasis, code, links, HTML, tables, and what some readers make addresses of.
_SIGNS = re.compile(r"[\\`*_\[\]<>|~&!{}$@]|:(?=//)|(?<=www)\.|^[#+\-=]+(?=\s|$)|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_LIMIT = 2000


def plain(text: object, limit: int = _LIMIT) -> str:
    r"""One line in which no sign means anything: no heading, link, table cell, HTML or address can be made with it.

    >>> plain("# done | [x](http://y)\n<b>")
    '\\# done \\| \\[x\\](http\\://y)\\\\n\\<b\\>'
    """
    return _SIGNS.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), safe(text, limit).strip())


def moment(at: float) -> str:
    """A point in time, in UTC: exports are read elsewhere.

    >>> moment(1_700_000_000.0)
    '2023-11-14 22:13:20 UTC'
    """
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
