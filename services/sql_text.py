"""SQL read as far as we must: without the values in it, and whether it is one statement that only reads."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<comment> --[^\n]* | /\*.*?(?:\*/|$) )
      | (?P<string> [eE]'(?:[^'\\]|''|\\.)*(?:'|$) | (?:[bnxBNX]|[uU]&)?'(?:[^']|'')*(?:'|$)
                | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$) )
      | (?P<name> "(?:[^"]|"")*(?:"|$) )
      | (?P<word> [^\W\d]\w* )
      | (?P<parameter> \$\d+ )
      | (?P<number> (?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)? | 0[xX][0-9a-fA-F]+ )
      | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)


def masked(sql: str) -> str:
    """The statement with `?` for each value in it: what is in the rows belongs to the tenant."""
    return _TOKEN.sub(lambda found: "?" if found.lastgroup in ("string", "number") else found[0], sql)
