"""SQL of a profile with `:name` for what is given to it, as the driver wants it."""

from __future__ import annotations

import re

_NAME = re.compile(r"(?<![:\w]):([a-z_]\w*)\b")  # not the second colon of a cast


def with_params(sql: str) -> str:
    """
    >>> with_params("SELECT 5 % 2 WHERE :id = '' OR id::text = :id")
    "SELECT 5 %% 2 WHERE %(id)s = '' OR id::text = %(id)s"
    """
    return _NAME.sub(r"%(\1)s", sql.strip().rstrip(";").replace("%", "%%"))
