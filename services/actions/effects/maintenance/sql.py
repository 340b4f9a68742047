"""What is asked of the catalogue about maintenance: the tables or indexes, how far it is, and whether it was done."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

_NAMED = "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
_ID = "n.nspname || '.' || c.relname"
_MAY = """(
    pg_has_role(session_user, coalesce(t.relowner, c.relowner), 'USAGE')
    OR CASE WHEN current_setting('server_version_num')::integer >= 170000
            THEN has_table_privilege(session_user, coalesce(t.oid, c.oid), 'MAINTAIN')
            ELSE {owner} AND pg_has_role(session_user, d.datdba, 'USAGE') END)"""


@dataclass(frozen=True)
class Kind:
    """One of the three: what it is done to, how it is said, and where the server tells how far it is."""

    relkinds: tuple[str, ...]
    statement: str
    short_lock: bool
    progress: str
    done: str  # of the target r of the ledger's entry: whether it has been done since

    def look_up(self) -> str:
        """All that may be named, or those of %(ids)s: id, size, and when it was last done."""
        return f"""
        SELECT {_ID} AS id, c.oid::text AS oid, pg_relation_size(c.oid) AS bytes,
               extract(epoch FROM clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::float8 AS vacuumed,
               extract(epoch FROM clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8 AS analyzed,
               s.n_dead_tup AS dead, s.n_live_tup AS live, coalesce(i.indisvalid, true) AS valid,
               n.nspname || '.' || t.relname AS of,
               {_MAY.format(owner="false" if "i" in self.relkinds else "true")} AS may
          FROM {_NAMED} LEFT JOIN pg_index AS i ON i.indexrelid = c.oid LEFT JOIN pg_class AS t ON t.oid = i.indrelid
          JOIN pg_database AS d ON d.datname = current_database()
          LEFT JOIN pg_stat_all_tables AS s ON s.relid = coalesce(t.oid, c.oid)
         WHERE c.relkind::text = ANY (%(kinds)s::text[]) AND (%(ids)s::text[] IS NULL OR {_ID} = ANY (%(ids)s::text[]))
           AND {_ID} ~ ANY (%(allowed)s::text[])
         ORDER BY pg_relation_size(c.oid) DESC, 1"""

    def fresh(self) -> str:
        """Which targets of the ledger's entry %(id)s have been done since it was made."""
        return f"""
        SELECT r.key AS id FROM watchdeck.ledger AS l CROSS JOIN jsonb_each(l.rows) AS r
         WHERE l.id = %(id)s::uuid AND {self.done}"""


_STATISTICS = (
    "EXISTS (SELECT FROM pg_stat_all_tables AS s WHERE s.relid::text = r.value ->> 'oid' AND s.{column} >= l.at)"
)
KINDS = MappingProxyType(
    {
        "analyze": Kind(
            ("r", "m"),
            "ANALYZE {name}",
            True,
            "SELECT phase, sample_blks_scanned AS done, sample_blks_total AS of FROM pg_stat_progress_analyze",
            _STATISTICS.format(column="last_analyze"),
        ),
        "vacuum": Kind(
            ("r", "m"),
            "VACUUM {name}",
            True,
            "SELECT phase, heap_blks_scanned AS done, heap_blks_total AS of FROM pg_stat_progress_vacuum",
            _STATISTICS.format(column="last_vacuum"),
        ),
        "reindex": Kind(
            ("i",),
            "REINDEX INDEX CONCURRENTLY {name}",
            False,  # it waits for older transactions, and giving up there leaves half an index behind
            "SELECT phase, blocks_done AS done, blocks_total AS of FROM pg_stat_progress_create_index",
            f"EXISTS (SELECT FROM {_NAMED} JOIN pg_index AS i ON i.indexrelid = c.oid "
            f"WHERE {_ID} = r.key AND c.oid::text <> r.value ->> 'oid' AND i.indisvalid)",
        ),
    }
)
# The name as SQL, of the very thing that was previewed.
QUOTED = f"""
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM {_NAMED}
 WHERE {_ID} = %(id)s AND c.oid::text = %(oid)s"""
# Halves that an interrupted REINDEX CONCURRENTLY has left beside these indexes: they cost, and serve nobody.
LEFTOVERS = f"""
SELECT {_ID} AS id FROM {_NAMED} JOIN pg_index AS i ON i.indexrelid = c.oid
 WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND i.indrelid IN (SELECT x.indrelid FROM pg_index AS x WHERE x.indexrelid::text = ANY (%(oids)s)
                       UNION SELECT x.indrelid FROM pg_index AS x JOIN {_NAMED} ON c.oid = x.indexrelid
                              WHERE {_ID} = ANY (%(ids)s))
 ORDER BY 1"""
UNDER_WAY = """
SELECT 1 FROM pg_stat_activity WHERE application_name = 'watchdeck/act' AND pid <> pg_backend_pid()
   AND datname = current_database()
   AND (state IS NULL OR (state = 'active' AND query LIKE %(like)s)) -- somebody else's work may be hidden from us"""
STATE = "SELECT state FROM watchdeck.ledger WHERE id = %(id)s::uuid"
