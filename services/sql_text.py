"""SQL read as far as we must: without the values in it, and whether it is one statement that only reads."""

from __future__ import annotations

import re

# As a pattern: a name as it stands in a mapping, with its quotes where it has capitals; and with its schema.
IDENTIFIER = r'(?:"(?:[^"]|"")+"|[a-z_]\w*)'
NAME = rf"{IDENTIFIER}(?:\.{IDENTIFIER})?"

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

# Words that cannot stand in a statement that only reads, outside of names in quotes and values.
_CHANGES = frozenset(("insert", "update", "delete", "merge", "into"))


def masked(sql: str) -> str:
    """The statement with `?` for each value in it: what is in the rows belongs to the tenant."""
    return _TOKEN.sub(lambda found: "?" if found.lastgroup in ("string", "number") else found[0], sql)


def not_a_question(sql: str) -> str:
    """Why this is not one statement that only reads; empty when it is. The server has the last word on that."""
    kept = [
        found[0].lower()
        for found in _TOKEN.finditer(sql.strip().rstrip(";"))
        if found.lastgroup != "comment" and not found[0].isspace()
    ]
    if not kept or kept[0] not in ("select", "with", "values"):
        return "the query does not begin with SELECT, WITH or VALUES"
    if ";" in kept:
        return "the query is more than one statement"
    if changing := _CHANGES.intersection(kept):
        return f"the query would change something: {', '.join(sorted(changing)).upper()}"
    depth = 0
    for piece in kept:
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            break
    return "the query's parentheses do not match" if depth else ""
