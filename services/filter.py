"""The filter that `/` opens: words and `field:value` terms, parsed once, asked of any row.

    word            anywhere in the row, case ignored
    "two words"     the same, with a space in it; quotes also take the meaning from `:`, `!` and `*`
    field:value     the field is exactly this, case ignored; `*` in it stands for anything
    !term           the rows without it

All terms must hold, except that several values of one field are alternatives: `state:failed state:retry_wait`.
Case is ignored for ASCII letters only, because that is what a database does under every locale.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from services.errors import WatchdeckError

JOB_FIELDS = ("id", "type", "state", "error", "worker", "owner", "run", "attempt")
LONGEST = 1000

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PIECE = re.compile(r'"([^"]*)"|([^"\s]+)')


class FilterError(WatchdeckError):
    """The filter cannot be understood, or asks for what is not recorded."""

    exit_code = 2


def fold(text: str) -> str:
    """Case taken out, for ASCII letters."""
    return text.translate(_LOWER)


@dataclass(frozen=True)
class Term:
    """One condition. `parts` is the folded value, cut at its wildcards: one part is an exact value."""

    field: str  # "" for a word
    parts: tuple[str, ...]
    negated: bool = False

    @property
    def value(self) -> str:
        return self.parts[0]

    @property
    def exact(self) -> bool:
        return len(self.parts) == 1

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(".*".join(map(re.escape, self.parts)), re.DOTALL)

    def hits(self, found: str) -> bool:
        """Whether a field's value is the one asked for; `negated` is not looked at."""
        found = fold(found)
        return found == self.value if self.exact else self._regex.fullmatch(found) is not None


@dataclass(frozen=True)
class Filter:
    """What is shown, and what an action on "all that match" takes. The empty filter matches everything."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @cached_property
    def words(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.field)

    @cached_property
    def refused(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.field and term.negated)

    @cached_property
    def wanted(self) -> Mapping[str, tuple[Term, ...]]:
        """Field -> its alternatives."""
        found: dict[str, tuple[Term, ...]] = {}
        for term in self.terms:
            if term.field and not term.negated:
                found[term.field] = (*found.get(term.field, ()), term)
        return found

    def matches(self, fields: Mapping[str, str], text: str) -> bool:
        """Whether a row is shown: its fields by name (one that is missing is empty), and all of its text."""
        folded = fold(text) if self.words else ""
        return (
            all((term.value in folded) != term.negated for term in self.words)
            and not any(term.hits(fields.get(term.field, "")) for term in self.refused)
            and all(any(t.hits(fields.get(field, "")) for t in terms) for field, terms in self.wanted.items())
        )


def parse(text: str, fields: Collection[str] = JOB_FIELDS) -> Filter:
    """The filter that `text` says, for a table with these fields. FilterError says what is wrong with it."""
    if len(text) > LONGEST:
        raise FilterError(f"the filter is longer than {LONGEST} characters")
    return Filter(text, tuple(_term(token, fields) for token in _tokens(text)))


Token = list[tuple[str, bool]]  # pieces that stand without a space between them, and whether each was quoted


def _tokens(text: str) -> Iterator[Token]:
    if text.count('"') % 2:
        raise FilterError("a quote is not closed", 'write "two words", with a quote on both sides')
    token: Token = []
    end = 0
    for found in _PIECE.finditer(text):
        if token and found.start() > end:
            yield token
            token = []
        quoted = found[1] is not None
        token.append((_readable(found[1] if quoted else found[2]), quoted))
        end = found.end()
    if token:
        yield token


def _readable(piece: str) -> str:
    if bad := next((char for char in piece if unicodedata.category(char) in ("Cc", "Cs")), None):
        raise FilterError(f"the filter has a control character in it (U+{ord(bad):04X})", "take it out")
    return piece


def _term(token: Token, fields: Collection[str]) -> Term:
    first, quoted = token[0]
    negated = not quoted and first.startswith("!")
    if negated:
        first = first[1:]
        token = [(first, False), *token[1:]]
    name, colon, rest = first.partition(":")
    if quoted or not colon:
        word = "".join(piece for piece, _ in token)
        if not word:
            raise FilterError("a `!` or a pair of quotes stands alone", "write !word, or leave it out")
        return Term("", (fold(word),), negated)
    field = fold(name)
    if field not in fields:
        raise FilterError(
            f"there is no field {name!r} here",
            f'known fields: {", ".join(fields) or "none"}; in quotes, "{first}" is looked for as it stands',
        )
    if not rest and len(token) == 1:
        raise FilterError(f"nothing stands after `{field}:`", f'{field}:"" finds the rows that have none')
    return Term(field, _parts([(rest, False), *token[1:]]), negated)


def _parts(value: Token) -> tuple[str, ...]:
    """The value cut at each `*` that was not quoted."""
    parts = [""]
    for piece, quoted in value:
        head, *tail = [piece] if quoted else piece.split("*")
        parts[-1] += fold(head)
        parts += [fold(part) for part in tail]
    return tuple(parts)
