"""How a bucket is set up: six settings in six words, and what uploads that nobody ended left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.readings import AtLeast, BucketValues, Setting, Unknown, number
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import figure, span
from widgets.lines import Line, Segment
from widgets.table import Table

Firing = Callable[[str], str]  # of a setting's name: the title of the alert over it; "" for none

_COLUMNS = (
    Column("setting", "Setting", 19),
    Column("state", "State", 16),
    Column("detail", "Detail", "1fr", "left", "dim", least=20),
)
# whether off is wrong is for the rules to say; what the store did not tell is neither on nor off
_WORDS: Mapping[str, Segment] = {
    "on": ("● on", ""),
    "off": ("○ off", ""),
    "not configured": ("○ not configured", ""),
    "not permitted": ("? not permitted", "unknown"),
    "not supported": ("? not supported", "unknown"),
    "failed": ("? failed", "unknown"),
}
_MEANS: Mapping[str, str] = {
    "versioning": "what is overwritten or deleted can be had back",
    "encryption": "what is stored without a word about encryption is encrypted by this",
    "lifecycle": "old versions and abandoned uploads are removed by rules",
    "replication": "every object is copied to another bucket",
    "object lock": "until a date nobody can delete or overwrite, whoever they are",
    "public access block": "no policy can make the bucket readable by everybody",
}


def settings(values: BucketValues, firing: Firing) -> Table:
    """In the order in which they are asked for; those that a rule fires about say so."""
    rows = tuple(_row(each, firing(each.name)) for each in values.settings)
    return Table(_COLUMNS, rows, "the store was asked for no setting", (_left_over(values),))


def _row(each: Setting, alert: str) -> Row:
    word = _word(each)
    told: Segment = (f"✖ {word[0][2:]}", "bad") if alert else word
    # of a sentence that says who refused what and how, the end; below, all of it
    said = each.detail.rpartition(": ")[2]
    detail: Segment = (" · ".join(filter(None, (alert, said))), "bad" if alert else "")
    fields = {"setting": each.name, "state": each.state, "detail": detail[0]}
    return Row(each.name, (each.name, told, detail), (each.name, each.state, detail[0]), fields, each)


def _word(each: Setting) -> Segment:
    return _WORDS.get(each.state, (f"? {each.state}", "unknown"))


def _left_over(values: BucketValues) -> Line:
    """Parts of uploads that were never completed are paid for, and seen in no listing."""
    if isinstance(values.leftovers, Unknown):
        return (("uploads that were never ended: ", "dim"), (str(values.leftovers), "unknown"))
    if not number(values.leftovers):
        return (("no upload was begun and never ended", "dim"),)
    at_least = "at least " if isinstance(values.leftovers_age_s, AtLeast) else ""
    count, oldest = figure(values.leftovers)[0], f"{at_least}{span(values.leftovers_age_s)[0]}"
    return ((f"▲ {count} uploads were begun and never ended, the oldest {oldest} ago", "warn"),)


def detail(each: Setting) -> Facts:
    """The setting under the cursor: what it would mean, and all that the store said."""
    word, ink = _word(each)
    head: Line = ((each.name, "bold"), (f" {word[2:]}", ink))
    return Facts((head,), (("if on", _MEANS.get(each.name, "")), ("store says", each.detail)))
