-- What has the server counted for each database, and how old are its transaction ids?
SELECT d.datname::text AS name, s.numbackends AS connections, s.deadlocks, s.temp_files, s.temp_bytes,
       s.xact_commit + s.xact_rollback AS transactions, s.blks_hit, s.blks_read,
       age(d.datfrozenxid) AS xid_age, mxid_age(d.datminmxid) AS mxid_age,
       extract(epoch FROM s.stats_reset)::float8 AS reset_at
  FROM pg_database AS d
  JOIN pg_stat_database AS s ON s.datid = d.oid
 ORDER BY d.datname
