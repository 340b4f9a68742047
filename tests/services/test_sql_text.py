"""SQL without the values in it, cut anywhere; what is a question is tested where questions are asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sql_text import masked


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT 'it''s', n1, 12.5e3, .5, $1 FROM t2", "SELECT ?, n1, ?, ?, $1 FROM t2"),
        (r"SELECT E'a\'b', 'c:\', 'd' FROM t", "SELECT ?, ?, ? FROM t"),
        ("SELECT $tag$ 'x' $$ $tag$, U&'\\0441', B'01' FROM t", "SELECT ?, ?, ? FROM t"),
        ('SELECT "a 1" FROM t -- don\'t 1', 'SELECT "a 1" FROM t -- don\'t 1'),
        ("SELECT /* trace='1' */ 1", "SELECT /* trace='1' */ ?"),
        ("UPDATE t SET note = 'cut in the mid", "UPDATE t SET note = ?"),
        ("INSERT INTO t VALUES ($$cut in the", "INSERT INTO t VALUES (?"),
    ],
)
def test_values_are_left_out_and_names_are_not(sql: str, shown: str) -> None:
    assert masked(sql) == shown


@given(value=st.text("abc' \\$-", max_size=20), data=st.data())
def test_nothing_of_a_text_is_left_however_the_server_cuts_the_query(value: str, data: st.DataObject) -> None:
    before, literal = "SELECT x FROM t WHERE y = ", "'" + value.replace("'", "''") + "'"
    cut = data.draw(st.integers(1, len(literal)))
    assert masked(before + literal[:cut]) == before + "?"
