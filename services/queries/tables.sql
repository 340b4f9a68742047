-- How big are the tables, and how far from the autovacuum that their settings and the server's ask for?
-- All are counted; told of are the 30 largest by the planner's page counts, 20 with the most dead rows, 5 oldest.
WITH setting AS (
     SELECT current_setting('block_size')::float8                                    AS block,
            current_setting('autovacuum')::bool                                      AS autovacuum,
            current_setting('autovacuum_vacuum_threshold')::float8                   AS vacuum_base,
            current_setting('autovacuum_vacuum_scale_factor')::float8                AS vacuum_share,
            current_setting('autovacuum_vacuum_max_threshold', true)::float8         AS vacuum_most,
            current_setting('autovacuum_analyze_threshold')::float8                  AS analyze_base,
            current_setting('autovacuum_analyze_scale_factor')::float8               AS analyze_share),
     guarded AS MATERIALIZED (
     -- asking for the size of a table that somebody has locked like this would wait for them
     SELECT DISTINCT coalesce(i.indrelid, t.oid, k.relation) AS oid
       FROM pg_locks AS k
       JOIN pg_database AS d ON d.oid = k.database AND d.datname = current_database()
       LEFT JOIN pg_index AS i ON i.indexrelid = k.relation
       LEFT JOIN pg_class AS t ON t.reltoastrelid = k.relation
      WHERE k.mode = 'AccessExclusiveLock'),
     own AS (
     SELECT c.oid, c.relname, c.relnamespace, c.relpages, c.reltuples::float8 AS tuples, age(c.relfrozenxid) AS xid_age,
            c.reltoastrelid, s.n_live_tup AS live, s.n_dead_tup AS dead, s.n_mod_since_analyze AS modified,
            greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed, greatest(s.last_analyze, s.last_autoanalyze) AS analyzed,
            coalesce((o.set ->> 'autovacuum_enabled')::bool, true) AND g.autovacuum  AS automatic,
            coalesce((o.set ->> 'fillfactor')::float8, 100) / 100                    AS fill,
            coalesce((o.set ->> 'autovacuum_vacuum_threshold')::float8, g.vacuum_base)
              + coalesce((o.set ->> 'autovacuum_vacuum_scale_factor')::float8, g.vacuum_share) * greatest(c.reltuples, 0)
              AS vacuum_at,
            nullif(coalesce((o.set ->> 'autovacuum_vacuum_max_threshold')::float8, g.vacuum_most), -1) AS vacuum_most,
            coalesce((o.set ->> 'autovacuum_analyze_threshold')::float8, g.analyze_base)
              + coalesce((o.set ->> 'autovacuum_analyze_scale_factor')::float8, g.analyze_share) * greatest(c.reltuples, 0)
              AS analyze_at
       FROM pg_stat_user_tables AS s
       JOIN pg_class AS c ON c.oid = s.relid
      CROSS JOIN setting AS g
      CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(option_name, option_value), '{}') AS set
                            FROM pg_options_to_table(c.reloptions)) AS o
      WHERE c.relkind IN ('r', 'm')),
     ranked AS (
     SELECT *, dead / nullif(least(vacuum_at, vacuum_most), 0)                       AS vacuum_due,
            modified / nullif(analyze_at, 0)                                         AS analyze_due,
            row_number() OVER (ORDER BY relpages DESC, oid)                          AS by_size,
            row_number() OVER (ORDER BY dead DESC, oid)                              AS by_dead,
            row_number() OVER (ORDER BY xid_age DESC, oid)                           AS by_age
       FROM own),
     counted AS (
     SELECT count(*) AS tables, coalesce(sum(dead), 0)::bigint AS all_dead, coalesce(max(xid_age), 0) AS oldest,
            count(*) FILTER (WHERE vacuum_due > 1) AS vacuum_needed,
            count(*) FILTER (WHERE analyze_due > 1) AS analyze_needed
       FROM ranked)
SELECT c.*, CASE WHEN r.oid IS NOT NULL THEN format('%I.%I', n.nspname, r.relname) END AS name, r.live, r.dead, r.tuples, r.relpages AS pages,
       g.block, r.fill, r.automatic, r.vacuum_due, r.analyze_due, r.xid_age,
       extract(epoch FROM r.vacuumed)::float8 AS last_vacuum_at, extract(epoch FROM r.analyzed)::float8 AS last_analyze_at,
       CASE WHEN x.oid IS NULL THEN pg_table_size(r.oid)::float8 END AS table_bytes,
       CASE WHEN x.oid IS NULL THEN pg_indexes_size(r.oid)::float8 END AS index_bytes,
       r.modified, w.width, w.columns = w.told AS all_told
  FROM counted AS c
 CROSS JOIN setting AS g
  LEFT JOIN ranked AS r ON r.by_size <= 30 OR (r.by_dead <= 20 AND r.dead > 0) OR r.by_age <= 5
  LEFT JOIN guarded AS x ON x.oid = r.oid
  LEFT JOIN pg_namespace AS n ON n.oid = r.relnamespace
  LEFT JOIN LATERAL (
       -- without SELECT on a column, or where its rows are guarded, pg_stats has no row for it
       SELECT count(*) AS columns, count(t.attname) AS told,
              sum((1 - t.null_frac) * t.avg_width)::float8 AS width
         FROM pg_attribute AS a
         LEFT JOIN pg_stats AS t ON t.schemaname = n.nspname AND t.tablename = r.relname
                                AND t.attname = a.attname AND NOT t.inherited
        WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped) AS w ON true
 ORDER BY r.by_size
