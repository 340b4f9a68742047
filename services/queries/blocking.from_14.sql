-- Who waits for whom? One row for each session that waits for a lock or is waited for. Pid 0: a prepared transaction.
-- A relation is named only where it is one of this database's: another one may use the same number for another table.
WITH waiting AS MATERIALIZED (
     SELECT pid, pg_blocking_pids(pid) AS blockers
       FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 101),
     involved AS (SELECT pid FROM waiting UNION SELECT unnest(blockers) FROM waiting),
     wanted AS MATERIALIZED (
     SELECT DISTINCT ON (k.pid) k.pid, k.mode, k.locktype, k.waitstart,
            CASE WHEN k.database = d.oid THEN k.relation::regclass::text END AS relation
       FROM pg_locks AS k, pg_database AS d
      WHERE NOT k.granted AND d.datname = current_database() AND EXISTS (SELECT FROM waiting)
      ORDER BY k.pid)
SELECT i.pid, w.blockers, extract(epoch FROM a.backend_start)::float8           AS backend_start,
       a.state, a.usename::text AS "user", a.datname::text AS database, a.application_name AS application,
       coalesce(host(a.client_addr), 'local')                                   AS client,
       concat_ws(': ', a.wait_event_type, a.wait_event)                         AS wait,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8            AS query_s,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8             AS transaction_s,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8           AS state_s,
       {query}                                                                  AS query,
       a.backend_type                                                           AS kind,
       extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, a.state_change))::float8 AS waits_s,
       l.mode, l.locktype, l.relation
  FROM involved AS i
  LEFT JOIN waiting AS w ON w.pid = i.pid
  LEFT JOIN pg_stat_activity AS a ON a.pid = i.pid
  LEFT JOIN wanted AS l ON l.pid = i.pid
 ORDER BY a.xact_start NULLS FIRST, i.pid
