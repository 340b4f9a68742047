"""Figures under names that the profile or the other side chose: what commands, queries, documents and hosts report."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """`labels` tell several of one name apart; without them the name stands once."""

    name: str
    value: Figure
    unit: str = ""  # s, bytes, share, count, unix (a point in time) or ""
    labels: tuple[tuple[str, str], ...] = ()
    note: str = ""  # one line for the operator: "newest of 31 files"

    @property
    def key(self) -> str:
        """`name`, or `name{a=b,c=d}`: what a figure path calls it."""
        told = ",".join(f"{label}={value}" for label, value in self.labels)
        return f"{self.name}{{{told}}}" if told else self.name


@dataclass(frozen=True, slots=True)
class NamedValues:
    """`about` says where they are from: an address, a command, a path."""

    about: str
    figures: tuple[NamedFigure, ...]
    ok: bool = True  # the other side's own verdict, where it gives one: an exit code, a status field
    said: str = ""  # its first line of text, if any

    def get(self, key: str) -> Figure | None:
        return next((figure.value for figure in self.figures if figure.key == key), None)
