"""How big the databases and tables of a server are, and what maintenance they need."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure


@dataclass(frozen=True, slots=True)
class DatabaseSize:
    name: str
    size_bytes: Figure  # unknown where we may not connect


@dataclass(frozen=True, slots=True)
class TableFigures:
    """One table. `name` is qualified and quoted as SQL wants it: public.jobs, public."Audit"."""

    name: str
    total_bytes: Figure  # with indexes and TOAST
    table_bytes: Figure
    index_bytes: Figure
    rows: Figure  # an estimate; unknown before the first ANALYZE
    dead: Figure  # row versions that vacuum would clean, as the statistics count them
    dead_share: Figure  # of all row versions
    bloat_bytes: Figure  # free space beyond the fill factor, estimated from the columns' statistics
    vacuum_due: float | None  # dead rows as a share of what triggers autovacuum; None: it is switched off
    analyze_due: float | None
    last_vacuum_at: float | None
    last_analyze_at: float | None
    xid_age: int


@dataclass(frozen=True, slots=True)
class TablesValues:
    database: str
    size_bytes: Figure  # of this database
    total_bytes: Figure  # of all databases; at least that much where some may not be measured
    capacity_bytes: Figure  # as the profile declares it: SQL cannot know the disk
    used_share: Figure  # total / capacity
    databases: tuple[DatabaseSize, ...]  # the largest first
    tables: tuple[TableFigures, ...]  # the 30 largest, 20 with the most dead rows and 5 oldest; the largest first
    table_count: Figure
    vacuum_needed: Figure  # tables past their trigger
    analyze_needed: Figure
    dead: Figure  # in all tables
    xid_age: Figure  # of the oldest table
