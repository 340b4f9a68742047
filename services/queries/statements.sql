-- What have the statements of this database cost so far? Those of all users together, without their text.
SELECT queryid AS id, sum(calls)::bigint AS calls, sum(total_exec_time) AS ms, sum(rows)::bigint AS rows
  FROM {schema}.pg_stat_statements(false)
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
 GROUP BY queryid
