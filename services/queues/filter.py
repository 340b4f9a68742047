"""The filter language as a condition on a queue's jobs: values are parameters, expressions come from the mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from services.filter import JOB_FIELDS, Filter, FilterError, Term, parse
from services.queues import expressions
from services.queues.mapping import Mapping
from services.queues.shown import HIDDEN

__all__ = ["JOB_FIELDS", "Filter", "FilterError", "Term", "columns", "parse", "where"]

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def where(
    filter_: Filter, mapping: Mapping, types: Pairs[str, str] = MappingProxyType({})
) -> tuple[str, dict[str, Any]]:
    """A condition over the mapping's jobs and its parameters; the empty filter is TRUE.

    `types` says what PostgreSQL calls the type of a field's column: where it is known, a number or a UUID that is asked
    for is found by the column's index. Parameter names start with `filter_`, so that they can be laid beside others.
    FilterError when a field is not recorded by this queue, or a state is not one of its states.
    """
    return _Conditions(mapping, types).of(filter_)


def columns(mapping: Mapping) -> dict[str, str | None]:
    """The column behind each field; a state has none."""
    of = mapping.columns
    found = {"id": of.id, "type": of.type, "error": of.error_code, "worker": of.locked_by, "owner": of.owner}
    return found | {"run": of.group, "attempt": of.attempt}


class _Conditions:
    """One translation under way: the parameters collected so far."""

    def __init__(self, mapping: Mapping, types: Pairs[str, str]) -> None:
        self.mapping = mapping
        self.types = types
        self.params: dict[str, Any] = {}
        self.columns = columns(mapping)

    def of(self, filter_: Filter) -> tuple[str, dict[str, Any]]:
        tests = [self._any(terms) for terms in filter_.wanted.values()]
        tests += [f"({self._test(term)}) IS NOT TRUE" for term in filter_.refused]
        tests += [self._word(term) for term in filter_.words]
        return " AND ".join(tests) or "TRUE", self.params

    def _any(self, terms: Sequence[Term]) -> str:
        return "(" + " OR ".join(self._test(term) for term in terms) + ")"

    def _param(self, value: str) -> str:
        name = f"filter_{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::text"

    def _test(self, term: Term) -> str:
        if term.field == "state":
            return self._state(term)
        if term.field not in self.columns:
            raise FilterError(f"jobs have no field {term.field!r}", f"known fields: {', '.join(JOB_FIELDS)}")
        column = self.columns[term.field]
        if column is None:
            raise FilterError(f"this queue does not record `{term.field}`", "leave it out of the filter")
        if column == HIDDEN:
            raise FilterError(
                f"`{term.field}` is restricted: your role cannot search in it", "leave it out of the filter"
            )
        if cast := self._cast(term):
            return f"({expressions.plain(column)}) = {self._param(term.value)}::{cast}"
        value = f"coalesce({_folded(expressions.text(column))}, '')"
        if term.exact:
            return f"{value} = {self._param(term.value)}"
        return f"{value} LIKE {self._param('%'.join(map(_like, term.parts)))}"

    def _cast(self, term: Term) -> str:
        """The type under which this value can be compared with the column itself, so that its index serves."""
        type_ = self.types.get(term.field, "") if term.exact else ""
        if type_ in ("smallint", "integer", "bigint") and _WHOLE.fullmatch(term.value):
            return "bigint" if term.value != "-0" else ""
        return "uuid" if type_ == "uuid" and _UUID.fullmatch(term.value) else ""

    def _state(self, term: Term) -> str:
        """The mapping's own predicates, word for word: a partial index is used only for those."""
        known = expressions.states(self.mapping)
        tests = [f"({expressions.plain(test)})" for name, test in known.items() if term.hits(name)]
        if not tests:
            raise FilterError(f"no state is named {'*'.join(term.parts)!r}", f"this queue has: {', '.join(known)}")
        return "(" + " OR ".join(tests) + ")"

    def _word(self, term: Term) -> str:
        searched = (*self.columns.values(), self.mapping.columns.error_text)
        texts = [expressions.text(column) for column in searched if column and column != HIDDEN]
        row = f"concat_ws(' ', {', '.join(texts)}, {expressions.state(self.mapping)})"
        found = f"strpos({_folded(row)}, {self._param(term.value)}) > 0"
        return f"NOT {found}" if term.negated else found


def _folded(text: str) -> str:
    """lower() under "C" changes ASCII letters and nothing else, as `services.filter.fold` does."""
    return f'lower({text} COLLATE "C")'


def _like(part: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", part)
